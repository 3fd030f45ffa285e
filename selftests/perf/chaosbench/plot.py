# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of throughput, made by gnuplot."""

import re
import subprocess

from chaosvm.errors import SetupError

HEADER = """set terminal svg size 720,480 enhanced background rgb 'white'
set key outside right top
set grid
set style data linespoints
"""


def draw(script):
    """Let gnuplot do what the script says."""
    try:
        done = subprocess.run(["gnuplot"], input=script.encode(), check=False)
    except FileNotFoundError:
        raise SetupError("gnuplot is not installed (try: make deps)") from None
    if done.returncode:
        raise SetupError("gnuplot failed")


def plot(output, settings, curves):
    """Draw curves, {title: [(x, y), ...]}, to a file."""
    data = ""
    for i, points in enumerate(curves.values()):
        data += f"$d{i} << END\n" + "".join(f"{x} {y}\n" for x, y in points) + "END\n"
    names = ", ".join(f"$d{i} title '{title}'" for i, title in enumerate(curves))
    draw(f"{HEADER}set output '{output}'\n{settings}{data}plot {names}\n")
    print(output)


def collect(found, pattern):
    """Points of all figures whose names match, {title: points}: x is the first group."""
    curves = {}
    for name, figure in found.items():
        match = re.fullmatch(pattern, name)
        if match:
            first, *title = match.groups()
            curves.setdefault(" ".join(title), []).append((float(first), figure["median"]))
    return {title: sorted(points) for title, points in curves.items()}


def draw_all(found, directory):
    """All pictures for which there are figures."""
    directory.mkdir(exist_ok=True)
    for kind, what in (("packet", "a packet, bursts of 64"), ("write", "a write to a stream")):
        curves = collect(found, rf"size-(\d+)\.{kind}\.(\w+)")
        if curves:
            plot(directory / f"size-{kind}.svg",
                 f"set logscale x 2\nset xlabel 'bytes of {what}'\n"
                 "set ylabel 'MiB/s at 1000 million instructions/s'\n", curves)
    curves = {f"{title.split()[1]}, {title.split()[0]} ms": points
              for title, points in collect(found, r"loss-(\d+)-(\d+)\.(\w+)").items()}
    if curves:
        plot(directory / "loss.svg",
             "set logscale y\nset xlabel 'loss, %, in each direction'\nset ylabel 'KiB/s'\n",
             curves)
