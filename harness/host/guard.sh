#!/bin/sh
# Runs a command so that nothing it started outlives respin: guard.sh COMMAND [ARG...]
#
# respin starts this as the leader of a new process group, with descriptor 3 on a socket whose other end only respin
# holds. End of file there means that respin let go, on purpose or because it was killed: then the whole group is
# killed. The watcher is a member of the group, so that the group's number cannot have been given to another process.
# The double fork makes the watcher a child of init: the command never sees it.
( (
	exec </dev/null >/dev/null 2>&1
	read -r _ <&3
	# Not "-KILL --": dash reads the second dash as a number.
	kill -9 "-$$"
) &)
exec "$@" 3<&-
