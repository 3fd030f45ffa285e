# SPDX-License-Identifier: GPL-2.0-or-later
"""The Test Anything Protocol: reading what tests print, and counting."""

import re
from dataclasses import dataclass, field

RESULT = re.compile(r"(?P<indent> *)(?P<failed>not )?ok\b(?: +\d+)?(?: +-)? *"
                    r"(?P<name>.*?)(?: *# *(?P<skip>skip)\b:? *(?P<reason>.*))?$",
                    re.IGNORECASE)
PLAN = re.compile(r"1\.\.(?P<count>\d+) *(?:# *skip\b *(?P<reason>.*))?$", re.IGNORECASE)

STATUS_SKIP = 4         # kselftest's
STATUS_TIMEOUT = 124    # timeout(1)'s


@dataclass
class Tally:
    """Results of many tests."""
    passed: int = 0
    skips: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    def fail(self, name, why=""):
        """Count a failure that no line of TAP tells of."""
        self.failures.append(f"{name}: {why}" if why else name)

    def add(self, other):
        """Take over the results of another tally."""
        self.passed += other.passed
        self.skips += other.skips
        self.failures += other.failures

    def last_line(self):
        """What is said at the very end."""
        line = f"{self.passed} passed, {len(self.failures)} failed"
        return f"{line}, {len(self.skips)} skipped" if self.skips else line

    def conclude(self, seconds):
        """Say how a program ends that took so long; returns its exit status."""
        print(f"# {seconds:.0f} seconds", *self.summary(), sep="\n", flush=True)
        return 1 if self.failures else 0

    def summary(self):
        """Lines: what was skipped, what failed, the numbers."""
        return [*(f"skipped: {name}" for name in self.skips),
                *(f"FAILED: {name}" for name in self.failures), self.last_line()]


class TapReader:
    """Reads the output of one program, line by line.

    Of a test with subtests (indented results before it) only the subtests
    count, unless it fails for another reason than theirs.
    """

    def __init__(self, program):
        self.program = program
        self.tally = Tally()
        self._planned = None
        self._skip_reason = None
        self._seen = []         # (indentation, failed) of results, innermost last

    def line(self, text):
        """Take one line of output."""
        if match := RESULT.match(text):
            self._result(match)
        elif match := PLAN.match(text):
            # Programs run one after another: each has a plan.
            self._planned = (self._planned or 0) + int(match["count"])
            self._skip_reason = match["reason"]
        elif text.startswith("Bail out!"):
            self.tally.fail(self.program, text)

    def _result(self, match):
        indent, failed = len(match["indent"]), bool(match["failed"])
        subtests = [seen for seen in self._seen if seen[0] > indent]
        self._seen = [seen for seen in self._seen if seen[0] <= indent]
        self._seen.append((indent, failed))
        explained = failed and any(seen[1] for seen in subtests)
        if explained or (subtests and not failed):
            return
        name = f"{self.program}: {match['name'] or 'unnamed'}"
        if match["skip"]:
            self.tally.skips.append(f"{name} ({match['reason']})")
        elif failed:
            self.tally.fail(name)
        else:
            self.tally.passed += 1

    def finish(self, status):
        """The program ended with this exit status; returns its Tally."""
        results = sum(indent == 0 for indent, _failed in self._seen)
        if results == 0 and status in (0, STATUS_SKIP) and \
           (self._planned == 0 or status == STATUS_SKIP):
            self.tally.skips.append(f"{self.program} ({self._skip_reason or 'no reason given'})")
        elif status == STATUS_TIMEOUT:
            self.tally.fail(self.program, "took too long")
        elif status != 0 and not self.tally.failures:
            self.tally.fail(self.program, f"exit status {status}")
        elif status == 0 and self._planned is None:
            self.tally.fail(self.program, "printed no plan")
        elif status == 0 and self._planned != results:
            self.tally.fail(self.program, f"planned {self._planned} results, printed {results}")
        return self.tally
