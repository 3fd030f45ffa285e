# SPDX-License-Identifier: GPL-2.0-or-later
"""A test machine that has all it needs in its initramfs.

Where time counts instructions it leaps while the machine waits for something outside, by
as much as that takes.  This one waits for nothing, so a run repeats exactly.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from chaosvm.errors import SetupError
from chaosvm.kernel import run
from chaosvm.machine import Machine

INIT = Path(__file__).resolve().parent.parent / "sealed-init"

# What the programs ask the system for.  The init loads these, so modprobe has no work.
KERNEL_MODULES = ("veth", "ipip", "sch_netem", "sch_tbf", "sch_ingress", "cls_matchall",
                  "act_gact", "tun", "fou", "vxlan")
COMMANDS = ("ip", "tc")
MODPROBE = "#!/bin/sh\nexit 0\n"


def libraries(program):
    """Files of the shared libraries of a program, and its loader."""
    shown = subprocess.run(["ldd", program], check=False, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL).stdout.decode()
    return re.findall(r"(/\S+) \(0x", shown)


class Tree:
    """The files of an initramfs, while they are put together."""

    def __init__(self, root):
        self.root = root

    def write(self, path, text, mode=0o644):
        """A file with this text at an absolute path."""
        target = self.root / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)

    def copy(self, source, path=None):
        """A copy of a file, by default at the same path."""
        target = self.root / str(path or source).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy(source, target)

    def add_program(self, path, name=None):
        """A program and its libraries."""
        self.copy(path, name)
        for library in libraries(path):
            self.copy(library)

    def pack(self, output):
        """Make the archive, the same whenever that is."""
        paths = sorted(self.root.rglob("*"))
        for path in paths:
            os.utime(path, (0, 0))
        names = "\0".join(str(path.relative_to(self.root)) for path in paths)
        archive = subprocess.run(
            ["cpio", "-o0", "-H", "newc", "--quiet", "-R", "0:0", "--reproducible"],
            input=names.encode(), cwd=self.root, check=True, stdout=subprocess.PIPE).stdout
        output.write_bytes(archive)


class SealedMachine(Machine):
    """A machine that sees nothing but the programs it is given, at the same paths."""

    def __init__(self, kernel, options, module, programs):
        super().__init__(kernel, options, module)
        self.programs = programs

    def _qemu(self, job, log_fd, serial):
        # Names that differ each time would be seeds of the kernel's random numbers.
        return [re.sub(r" chaosvm_\w+=\S+", "", word)
                for word in super()._qemu(job, log_fd, serial)]

    def _add_modules(self, tree):
        names = []
        for module in KERNEL_MODULES:
            shown = run("modprobe", "-d", self.kernel.directory, "-S", self.kernel.kver,
                        "--show-depends", module).decode()
            for line in shown.splitlines():
                path = Path(line.split()[1])
                if line.startswith("insmod") and path.name not in names:
                    tree.copy(path, f"/modules/{path.name}")
                    names.append(path.name)
        for module in self.modules:
            stripped = tree.root / "modules" / module.name
            run("strip", "--strip-debug", "-o", stripped, module)
            names.append(module.name)
        tree.write("/modules/list", "".join(name + "\n" for name in names))

    @contextlib.contextmanager
    def _job(self, mode, command, files):
        with tempfile.TemporaryDirectory(prefix="chaosbench.") as job:
            job = Path(job)
            tree = Tree(job / "tree")
            for name in ("bin", "dev", "proc", "sys", "run", "tmp", "modules"):
                (tree.root / name).mkdir(parents=True)
            tree.copy("/bin/busybox")
            # That of busybox would prefer its own commands to those of iproute2.
            tree.add_program("/bin/dash", "/bin/sh")
            tree.copy(INIT, "/init")
            tree.write("/usr/sbin/modprobe", MODPROBE, 0o755)
            tree.write("/command", command + "\n")
            for name in COMMANDS:
                path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
                if not path:
                    raise SetupError(f"{name} is not installed (try: make deps)")
                tree.add_program(path, f"/usr/sbin/{name}")
            for path in self.programs:
                tree.add_program(path)
            self._add_modules(tree)
            tree.pack(job / "initramfs")
            shutil.rmtree(tree.root)
            yield job
