# SPDX-License-Identifier: GPL-2.0-or-later
"""Another revision of the tree, built beside this one."""

import contextlib
import subprocess
import tempfile
from pathlib import Path

from chaosvm.errors import SetupError


def must(*command):
    """Run a command that must succeed."""
    done = subprocess.run(list(map(str, command)), check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        raise SetupError(f"{' '.join(map(str, command))}:\n" +
                         done.stdout.decode(errors="replace"))


@contextlib.contextmanager
def built(tree, revision, kver):
    """The directory of a revision with its module and tools; it goes at the end."""
    with tempfile.TemporaryDirectory(prefix="chaosbench.") as directory:
        other = Path(directory) / "tree"
        must("git", "-C", tree, "worktree", "add", "--detach", other, revision)
        try:
            must("make", "-C", other, f"KVER={kver}", "module", "tools")
            yield other
        finally:
            must("git", "-C", tree, "worktree", "remove", "--force", other)
