# SPDX-License-Identifier: GPL-2.0-or-later
"""The debug kernel: Debian's source with the configuration ../debug.config.

Building it takes minutes, so the result is kept in the cache directory: a
prepared kernel (see kernel.py) with one more directory,

    build/                  what it takes to build modules for it
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from .errors import SetupError
from .kernel import Kernel, cache_directory, created_directory, environment, lock, run
from .machine import HERE

PACKAGE = "linux-source-6.1"
SOURCE = Path("/usr/src") / f"{PACKAGE}.tar.xz"
CONFIG = HERE / "debug.config"

# Seconds between signs of life, and lines of make shown when it fails.
PROGRESS = 60
LINES_SHOWN = 40

# Of the built kernel, what modules are built with: files and whole directories.
BUILD_FILES = ("Makefile", ".config", "Module.symvers", "tools/objtool/objtool",
               "arch/x86/Makefile", "arch/x86/Makefile.um", "arch/x86/Makefile_32.cpu")
BUILD_DIRECTORIES = ("include", "scripts", "arch/x86/include")


def debug_kernel():
    """The debug kernel, built if the cache has none for source, config and compiler."""
    directory = cache_directory() / f"debug-{_identity()}"
    with lock(directory):
        if not directory.is_dir():
            with created_directory(directory) as work, _scratch(directory) as source:
                _build(source, work)
    return Kernel(directory)


def build_directory(kernel):
    """Where to "make -C" to build modules for the debug kernel."""
    return kernel.directory / "build"


def _identity():
    """Names what the kernel is made of."""
    if not SOURCE.exists():
        raise SetupError(f"{SOURCE} is not there (try: make deps)")
    version = run("dpkg-query", "-W", "-f", "${Version}", PACKAGE).decode()
    compiler = run("gcc", "--version").splitlines()[0]
    digest = hashlib.sha256(CONFIG.read_bytes() + compiler).hexdigest()
    return f"{version}-{digest[:8]}"


@contextlib.contextmanager
def _scratch(directory):
    """Yield a new directory near `directory`, deleted in the end, while we go on.

    There are disks where that takes minutes.
    """
    scratch = tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent)
    try:
        yield Path(scratch)
    finally:
        # pylint: disable-next=consider-using-with
        subprocess.Popen(["rm", "-rf", scratch], start_new_session=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)


def _build(source, work):
    """Build the kernel in `source`, and make a prepared one of it in `work`."""
    print(f"# building the debug kernel from {SOURCE}: some 10 minutes, once", flush=True)
    run("tar", "-xJf", SOURCE, "-C", source, "--strip-components=1")
    run(*_make(source), "allnoconfig", f"KCONFIG_ALLCONFIG={CONFIG}")
    _check_config(source / ".config")
    _watch([*_make(source), "bzImage", "modules"])
    run(*_make(source), "modules_install", f"INSTALL_MOD_PATH={work}", "DEPMOD=true")

    # Not the ELF image: what starts that, CONFIG_PVH, does not survive KASAN.
    shutil.copy(source / "arch/x86/boot/bzImage", work)
    kver, = os.listdir(work / "lib/modules")
    for link in ("build", "source"):
        (work / "lib/modules" / kver / link).unlink(missing_ok=True)
    (work / "lib/modules" / kver / "kernel").mkdir(exist_ok=True)
    run("depmod", "-b", work, kver)

    for name in BUILD_FILES:
        target = work / "build" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, target)
    for name in BUILD_DIRECTORIES:
        shutil.copytree(source / name, work / "build" / name, symlinks=True)


def _make(source):
    return ["make", "-C", str(source), f"-j{os.cpu_count()}"]


def _check_config(config):
    """What the configuration asks for must be in the result: dependencies change."""
    wanted = re.findall(r"^CONFIG_\w+=.*$", CONFIG.read_text(), re.MULTILINE)
    got = set(config.read_text().splitlines())
    lost = [line for line in wanted if line not in got]
    if lost:
        raise SetupError(f"{CONFIG}: this kernel does not take {' '.join(lost)}")


def _watch(command):
    """Run make, with a sign of life now and then."""
    started = shown = time.monotonic()
    lines = []
    with subprocess.Popen(command, env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace") as process:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            now = time.monotonic()
            if now - shown >= PROGRESS:
                print(f"# {now - started:.0f} seconds, {len(lines)} files", flush=True)
                shown = now
    if process.returncode:
        raise SetupError("\n".join(["building the debug kernel failed:", *lines[-LINES_SHOWN:]]))
    print(f"# the debug kernel is built: {time.monotonic() - started:.0f} seconds", flush=True)
