# SPDX-License-Identifier: GPL-2.0-or-later
"""What make builds in the tree, and which tests it finds there."""

import fnmatch
import os
import shlex
import subprocess

from .errors import SetupError
from .machine import TREE

TESTS = TREE / "selftests/net/chaos"


def is_exact(test):
    """Does the test `test` need a machine where time counts instructions?"""
    return test.name.startswith("exact_")


def make(*arguments):
    """The command that runs make, as the make that called us was called."""
    return [*shlex.split(os.environ.get("MAKE", "make")), "--no-print-directory", *arguments]


def build(tally, *targets):
    """Build with the arguments `targets` for make; False if that fails."""
    return _succeeds(tally, "build", make("-s", *targets))


def build_32bit_tests(tally):
    """Build what is also tested as 32-bit programs; False if that fails."""
    return _succeeds(tally, "build of 32-bit tests", make("-s", "-C", str(TESTS), "m32"))


def _succeeds(tally, name, command):
    if subprocess.run(command, cwd=TREE, check=False).returncode:
        tally.fail(name)
        return False
    tally.passed += 1
    return True


def tests_named(patterns, *others):
    """The tests that match one of the patterns: of `others` and those that are built."""
    names = subprocess.run(make("-s", "-C", str(TESTS), "list"), check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    tests = [test for test in (*others, *(TESTS / name for name in names))
             if any(fnmatch.fnmatch(test.name, pattern) for pattern in patterns)]
    if not tests:
        raise SetupError(f"no test is named {' or '.join(patterns)}")
    return tests
