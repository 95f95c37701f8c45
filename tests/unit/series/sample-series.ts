import { seriesOf } from './support.js';

/** `line 1` to `line count`, but for the lines that are changed. */
export function numbered(count: number, change: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: count }, (_, index) => `${change[index + 1] ?? `line ${index + 1}`}\n`).join('');
}

/** Files of a tree. */
export const BASE = {
  '.gitignore': '*\n',
  'ipc/sem.c': numbered(30),
  'ipc/msg.c': 'msg\n',
  'ipc/old.c': 'old\n',
  'ipc/moved.c': numbered(10),
  'scripts/run.sh': '#!/bin/sh\n',
  'kernel/other.c': 'other\n',
};

/** Changes, adds, deletes and renames files of `BASE`, and changes one there and back. */
export const SERIES = seriesOf(
  `diff --git a/ipc/sem.c b/ipc/sem.c
--- a/ipc/sem.c
+++ b/ipc/sem.c
@@ -4,5 +4,6 @@
 line 4
 line 5
-line 6
+line six
+line six and a half
 line 7
 line 8
diff --git a/ipc/new/deep/file.c b/ipc/new/deep/file.c
new file mode 100644
--- /dev/null
+++ b/ipc/new/deep/file.c
@@ -0,0 +1,2 @@
+one
+two
`,
  `diff --git a/ipc/sem.c b/ipc/sem.c
--- a/ipc/sem.c
+++ b/ipc/sem.c
@@ -5,4 +5,4 @@ line 4
 line 5
 line six
-line six and a half
+line six and a quarter
 line 7
@@ -20,3 +20,4 @@
 line 19
 line 20
+line 20.5
 line 21
diff --git a/ipc/old.c b/ipc/old.c
deleted file mode 100644
--- a/ipc/old.c
+++ /dev/null
@@ -1 +0,0 @@
-old
diff --git a/ipc/moved.c b/ipc/there.c
similarity index 90%
rename from ipc/moved.c
rename to ipc/there.c
--- a/ipc/moved.c
+++ b/ipc/there.c
@@ -8,3 +8,4 @@
 line 8
 line 9
 line 10
+line 11
diff --git a/scripts/run.sh b/scripts/run.sh
old mode 100755
new mode 100644
diff --git a/ipc/msg.c b/ipc/msg.c
--- a/ipc/msg.c
+++ b/ipc/msg.c
@@ -1 +1 @@
-msg
+changed
`,
  `diff --git a/ipc/msg.c b/ipc/msg.c
--- a/ipc/msg.c
+++ b/ipc/msg.c
@@ -1 +1 @@
-changed
+msg
`,
);
