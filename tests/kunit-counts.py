#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel's own parser makes of its test data, as JSON.

    python3 tests/kunit-counts.py TREE tests/fixtures/kunit >tests/fixtures/kunit/expected.json

TREE is a kernel tree: tools/testing/kunit/kunit_parser.py of it does the work.
"""
import contextlib
import io
import json
import pathlib
import sys

tree, logs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
sys.path.insert(0, str(tree / 'tools/testing/kunit'))
with contextlib.redirect_stdout(io.StringIO()) as HIDDEN:
    import kunit_parser  # pylint: disable=import-error,wrong-import-position


def flat(test, prefix=''):
    for sub in test.subtests:
        name = prefix + sub.name
        yield from flat(sub, name + '/')
        yield [name, sub.status.name]


result = {}
for log in sorted(logs.glob('*.log')):
    with contextlib.redirect_stdout(HIDDEN):
        test = kunit_parser.parse_run_tests(log.read_text(encoding='utf-8').splitlines(keepends=True))
    counts = test.counts
    result[log.name] = {
        'status': test.status.name,
        'passed': counts.passed, 'failed': counts.failed, 'crashed': counts.crashed,
        'skipped': counts.skipped, 'errors': counts.errors,
        'tests': list(flat(test)),
    }
json.dump(result, sys.stdout, indent=1, sort_keys=True)
print()
