# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be measured, and how it is run."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from chaosvm.errors import SetupError
from chaosvm.kernel import Kernel
from chaosvm.machine import Machine, Options

from . import figures
from .sealed import SealedMachine

HERE = Path(__file__).resolve().parent.parent
TREE = HERE.parent.parent

DETERMINISTIC = "deterministic"     # repeats exactly
CONCURRENT = "concurrent"

# What the programs run, besides the system's own.
TOOLS = ("tools/chaosctl/chaosctl", "userspace/udp/chaos-udp")


@dataclass
class Part:
    """A measuring program, and how to run it."""
    program: str
    what: str
    options: tuple = ()         # arguments that it always gets
    defaults: tuple = ()        # others, if none are given
    mode: str = DETERMINISTIC
    memory: int = 1024          # MiB


PARTS = {
    "ops": Part("bench_ops", "costs of operations, and those of others for the same"),
    "many": Part("bench_many", "50,000 idle connections: memory, time", memory=1536),
    "netem": Part("bench_netem", "a cable with loss and delay"),
    "bottleneck": Part("bench_bottleneck", "a slow line with a short queue"),
    "sizes": Part("bench_sizes", "messages of all sizes"),
    "ops-concurrent": Part("bench_ops", "ops, on two processors", (), ("-r", "9"), CONCURRENT),
    "busy": Part("bench_busy", "up to 256 busy connections", mode=CONCURRENT),
    "tls": Part("bench_tls", "a stream through chaos-tls", mode=CONCURRENT),
    "tunnel": Part("bench_tunnel", "tunnels, on a cable that joins packets", (), ("2560", "3")),
    "tunnel-nic": Part("bench_tunnel", "the same, on one that cuts them up and joins them again",
                       ("-c", "nic"), ("2560", "3")),
    "tunnel-bare": Part("bench_tunnel", "the same, on one that can do nothing of this",
                        ("-c", "bare"), ("2560", "3")),
    "kernel-tunnel": Part("bench_tunnel", "tunnels in the kernel", ("-k",), ("2560", "3")),
    "forward": Part("bench_forward", "forwarding, with few and many routes"),
    "stream": Part("bench_stream", "one stream; fails if it stalls", ("-s", "10")),
    "stream-plain": Part("bench_stream", "one stream, on two processors", mode=CONCURRENT),
    "converge": Part("bench_converge", "how soon bridges know their ways"),
}

# Those that make up "make bench"; the others are for looking closer.
ALL = ("ops", "many", "netem", "bottleneck", "tunnel", "tunnel-bare",
       "ops-concurrent", "busy", "tls")
# Those that tell soon whether everything works.
QUICK = ("ops", "bottleneck", "busy", "tls")


def choose(names, mode):
    """Those of the parts `names` that are of a mode; None: of any."""
    return [name for name in names if mode in (None, PARTS[name].mode)]


class Runner:
    """Runs parts with the module and the tools of a tree, on one kernel."""

    def __init__(self, kver, tree=TREE, quiet=False):
        self.kernel = Kernel.of_debian(kver)
        self.tree = tree
        self.quiet = quiet

    def _environment(self):
        tools = [str((self.tree / tool).parent) for tool in TOOLS]
        return "PATH=" + ":".join([*tools, "/usr/sbin", "/usr/bin", "/sbin", "/bin"])

    def _machine(self, part, program):
        options = Options(icount=part.mode == DETERMINISTIC, memory=part.memory, timeout=1800)
        module = self.tree / "chaos.ko"
        if part.mode != DETERMINISTIC:
            return Machine(self.kernel, options, module)
        return SealedMachine(self.kernel, options, module,
                             [program, *(self.tree / tool for tool in TOOLS)])

    def run(self, name, arguments=()):
        """Run a part; returns its figures, by name."""
        part = PARTS[name]
        program = HERE / part.program
        if not os.access(program, os.X_OK):
            raise SetupError(f"{program} is not there (try: make bench)")
        output = bytearray()

        def take(data):
            output.extend(data)
            if not self.quiet:
                sys.stdout.buffer.write(data)
                sys.stdout.flush()

        command = ["env", self._environment(), str(program), *part.options,
                   *(arguments or part.defaults)]
        outcome = self._machine(part, program).run(command, take)
        if not outcome.healthy or outcome.status:
            for report in outcome.log.reports:
                print(*report.lines, sep="\n    ", file=sys.stderr)
            raise SetupError(f"{name}: " + (outcome.problem or f"exit status {outcome.status}") +
                             "\n" + output.decode(errors="replace"))
        return figures.parse(output.decode(errors="replace"))
