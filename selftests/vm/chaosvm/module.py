# SPDX-License-Identifier: GPL-2.0-or-later
"""Building the module out of a copy of its sources.

The tree itself holds what was built for the kernel that "make" chose.
"""

import os
import re
import shutil
import subprocess

from .kernel import environment
from .machine import TREE

SOURCES = ("Kbuild", "include", "net", "selftests/kunit", "selftests/net/chaos/occupy")
PRODUCTS = shutil.ignore_patterns("*.build", "*.cmd", "*.d", "*.ko", "*.mod", "*.mod.c", "*.o")

LINES_SHOWN = 40


class BuildError(Exception):
    """The compiler had something to say; the message is what it said."""


def copy_sources(directory):
    """Copy what modules are made of to `directory`, in place of what was there."""
    shutil.rmtree(directory, ignore_errors=True)
    for name in SOURCES:
        source, target = TREE / name, directory / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=PRODUCTS)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def build(make, headers, sources, *variables):
    """Build the module in `sources`; BuildError if that fails, or gives warnings.

    make is the command to run make with, headers the kernel's build directory and
    sources that of the copy, both as make sees them, and variables settings for
    Kbuild.
    """
    done = subprocess.run(
        [*make, "-s", "--no-print-directory", f"-j{os.cpu_count()}",
         "-C", str(headers), f"M={sources}",
         # Without vmlinux at hand there is none.
         "CONFIG_DEBUG_INFO_BTF_MODULES=", *variables, "modules"],
        env=environment(), check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode or re.search(r"\bwarning\b", done.stdout, re.IGNORECASE):
        raise BuildError("\n".join(done.stdout.splitlines()[:LINES_SHOWN]))
