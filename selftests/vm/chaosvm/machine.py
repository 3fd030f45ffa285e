# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of the test machine."""

import contextlib
import os
import re
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .errors import SetupError
from .kernel import Kernel, run
from .klog import KernelLog

HERE = Path(__file__).resolve().parent.parent
TREE = HERE.parent.parent

# Directories that are the guest's own, so that the host's cannot be seen there.
GUEST_ONLY = ("/dev", "/proc", "/run", "/sys")

QEMU = "qemu-system-x86_64"

# QEMU on a busy machine: a kernel that patches itself while it boots may hang or trip
# over that, before anything of ours runs.  So it is tried again.
BOOTS = 3
BOOT_SECONDS = 300

KERNEL_ARGUMENTS = (
    "console=ttyS0",
    "loglevel=5",               # until guest/start: warnings and worse
    "printk.devkmsg=on",        # our marks must not be rate limited
    "panic=-1",                 # with -no-reboot: QEMU ends
    "reboot=t",
    "mitigations=off",          # nobody to protect from
)


@dataclass
class Options:
    """How the machine is built."""
    cpus: int = 2
    memory: int = 1024          # MiB
    append: str = ""            # more kernel arguments
    icount: bool = False        # count instructions: repeatable times, one CPU
    timeout: float = 600        # seconds until a run is killed

    def accelerator(self):
        """QEMU arguments for the processor."""
        if not self.icount:
            return ["-accel", "tcg,thread=multi", "-cpu", "max",
                    "-smp", str(self.cpus)]
        # Without -erms: it makes every byte copied count as an instruction.
        return ["-accel", "tcg,thread=single", "-cpu", "max,-erms", "-smp", "1",
                "-icount", "shift=0,sleep=off", "-seed", "1",
                "-rtc", "base=2026-01-01,clock=vm"]

    def kernel_arguments(self):
        """What the user and the options add to KERNEL_ARGUMENTS."""
        fixed = ["nokaslr", "norandmaps"] if self.icount else []
        return [*fixed, *self.append.split()]


@dataclass
class Outcome:
    """How a run ended."""
    status: int | None          # of the command; None if it did not end
    problem: str | None         # why the machine did not end as it should
    log: KernelLog
    boot_seconds: float | None = None
    seconds: float = 0

    @property
    def healthy(self):
        """The machine ended normally and the kernel had nothing to report."""
        return self.problem is None and not self.log.reports


def check_visible(path):
    """SetupError if the guest would not see `path`, or could not be told."""
    text = str(path)
    for top in GUEST_ONLY:
        if text == top or text.startswith(top + "/"):
            raise SetupError(f"{text}: the test machine cannot see files below {top}")
    if re.search(r"[\s,:\"']", text):
        raise SetupError(f"{text}: the test machine needs a path without "
                         "spaces, commas, colons and quotes")


def check_module(module, kver):
    """SetupError unless `module` was built for kernel `kver`."""
    if not module.is_file():
        raise SetupError(f"{module} is not there (try: make)")
    magic = run("modinfo", "-F", "vermagic", module).decode().split()
    if not magic or magic[0] != kver:
        raise SetupError(f"{module} was built for {magic[0] if magic else 'nothing'}, "
                         f"not for {kver} (try: make clean)")


@contextlib.contextmanager
def terminal_restored():
    """QEMU makes the terminal raw; undo that even if QEMU cannot."""
    if not sys.stdin.isatty():
        yield
        return
    saved = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)


class Machine:
    """The test machine with a kernel and, if given, modules of ours for it."""

    def __init__(self, kernel: Kernel, options: Options, *modules: Path):
        self.kernel = kernel
        self.options = options
        self.modules = modules
        check_visible(TREE)
        check_visible(kernel.directory)
        for module in modules:
            check_module(module, kernel.kver)

    def run(self, command, on_output, files=None, patience=float("inf")):
        """Boot, run the list of words `command` as root, power off.

        on_output gets the bytes of its output as they come.  files maps names
        to contents of files that will be in the directory $chaosvm_job.  The
        machine is killed when the run takes longer than the options allow or
        when there is no new mark in the kernel log for `patience` seconds.  A boot that
        fails is tried again.
        Returns an Outcome.
        """
        with self._job("run", shlex.join(command), files) as job:
            for attempt in range(BOOTS):
                outcome = self._boot(job, ["-serial", "stdio"], on_output, patience)
                if outcome.boot_seconds is not None or attempt == BOOTS - 1:
                    break
                print(f"# {outcome.problem} while booting; the kernel's last words:",
                      *outcome.log.tail(5), "trying again", sep="\n#     ", flush=True)
            return outcome

    def shell(self, command):
        """The same for a command that uses our terminal; Ctrl-A X kills the machine."""
        with self._job("shell", shlex.join(command), None) as job, terminal_restored():
            return self._boot(job, ["-serial", "mon:stdio"], None, float("inf"))

    @contextlib.contextmanager
    def _job(self, mode, command, files):
        """The directory of a run, which guest/start reads."""
        job = Path(tempfile.mkdtemp(prefix="chaosvm."))
        try:
            check_visible(job)
            job.chmod(0o755)
            layers = [self.kernel.modules]
            if self.modules:
                layers.insert(0, self.kernel.add_modules(self.modules, job))
            else:
                (job / "empty").mkdir()
                layers.insert(0, job / "empty")
            columns, rows = shutil.get_terminal_size()
            environment = {
                "kver": self.kernel.kver,
                "module_dirs": ":".join(str(layer) for layer in layers),
                "tree": str(TREE),
                "mode": mode,
                "directory": os.getcwd(),
                "rows": str(rows),
                "columns": str(columns),
                "TERM": os.environ.get("TERM", "dumb") if mode == "shell" else "dumb",
            }
            (job / "env").write_text("".join(
                f"{name}={shlex.quote(value)}\n" for name, value in environment.items()))
            (job / "command").write_text(command + "\n")
            for name, content in (files or {}).items():
                (job / name).write_text(content)
            self.kernel.write_initramfs(HERE / "guest/init", job / "initramfs")
            yield job
        finally:
            shutil.rmtree(job, ignore_errors=True)

    def _qemu(self, job, log_fd, serial):
        arguments = [*KERNEL_ARGUMENTS, *self.options.kernel_arguments(),
                     f"chaosvm_job={job}", f"chaosvm_start={HERE}/guest/start"]
        # Should we die, so does it.
        return ["setpriv", "--pdeathsig", "KILL", QEMU, "-machine", "q35",
                "-nodefaults", "-display", "none", "-no-reboot",
                *self.options.accelerator(), "-m", str(self.options.memory),
                "-kernel", str(self.kernel.image), "-initrd", str(job / "initramfs"),
                "-append", " ".join(arguments),
                "-fsdev", "local,id=root,path=/,security_model=none,"
                          "readonly=on,multidevs=remap",
                "-device", "virtio-9p-pci,fsdev=root,mount_tag=host",
                "-serial", f"file:/dev/fd/{log_fd}", *serial]

    def _boot(self, job, serial, on_output, patience):
        """Run QEMU and read what it says.  Without on_output it has our terminal."""
        started = time.monotonic()
        boot_seconds = None
        ending = {}

        def mark(text):
            nonlocal boot_seconds
            word, _, rest = text.partition(" ")
            if word == "start":
                boot_seconds = time.monotonic() - started
            elif word == "fail":
                ending["problem"] = rest
            elif word == "end":
                ending.update(item.split("=") for item in rest.split())
            deadline.progress()

        log = KernelLog(mark)
        qemu, console = self._start(job, serial, on_output is None)
        deadline = Deadline(self.options.timeout, patience)
        with killed_at_end(qemu), console:
            sources = {console: log.feed}
            if on_output:
                sources[qemu.stdout] = on_output
            in_time = pump(sources, deadline)
        log.finish()
        return Outcome(
            status=int(ending["status"]) if "status" in ending else None,
            problem=self._problem(ending, in_time),
            log=log, boot_seconds=boot_seconds, seconds=time.monotonic() - started)

    def _start(self, job, serial, has_terminal):
        """Start QEMU; returns its process and the file to read the kernel log from."""
        if not shutil.which(QEMU):
            raise SetupError(f"{QEMU} is not installed (try: make deps)")
        log_fd, qemu_fd = os.pipe()
        streams = {} if has_terminal else {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
        try:
            # The caller ends it.  pylint: disable-next=consider-using-with
            qemu = subprocess.Popen(self._qemu(job, qemu_fd, serial),
                                    pass_fds=[qemu_fd], **streams)
        finally:
            os.close(qemu_fd)
        return qemu, open(log_fd, "rb", buffering=0)

    @staticmethod
    def _problem(ending, in_time):
        """What was wrong with the machine, or None."""
        if "problem" in ending:
            return ending["problem"]
        if not in_time:
            return "the machine took too long"
        if "status" not in ending:
            return "the machine stopped before the end"
        if taints(ending):
            return f"the kernel is tainted: {', '.join(taints(ending))}"
        if ending["debug_locks"] == "0":
            return "lockdep switched itself off"
        return None


TAINTS = {5: "bad page", 7: "oops or BUG", 9: "warning", 14: "soft lockup"}


def taints(ending):
    """Names of the taint flags that tell of trouble."""
    flags = int(ending["tainted"])
    return [name for bit, name in TAINTS.items() if flags >> bit & 1]


@contextlib.contextmanager
def killed_at_end(process):
    """No QEMU stays behind, whatever happens."""
    def terminated(number, _frame):
        raise SystemExit(128 + number)

    # Signals are for the first thread.
    first = threading.current_thread() is threading.main_thread()
    numbers = (signal.SIGTERM, signal.SIGHUP) if first else ()
    previous = [signal.signal(number, terminated) for number in numbers]
    try:
        yield
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
        for number, handler in zip(numbers, previous):
            signal.signal(number, handler)


class Deadline:
    """When to give up: after `total` seconds, or after `patience` without progress."""

    def __init__(self, total, patience):
        self._end = time.monotonic() + total
        self._patience = patience
        self._next = time.monotonic() + min(patience, BOOT_SECONDS)

    def progress(self):
        """Something happened."""
        self._next = time.monotonic() + self._patience

    def left(self):
        """Seconds left; None if there is no limit."""
        left = min(self._end, self._next) - time.monotonic()
        return None if left == float("inf") else left


def pump(sources, deadline):
    """Call sources[stream](bytes) until all streams end; False if time is up."""
    with selectors.DefaultSelector() as selector:
        for stream, consume in sources.items():
            selector.register(stream, selectors.EVENT_READ, consume)
        while selector.get_map():
            left = deadline.left()
            if left is not None and left <= 0:
                return False
            for key, _events in selector.select(left):
                data = os.read(key.fileobj.fileno(), 65536)
                if data:
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)
    return True
