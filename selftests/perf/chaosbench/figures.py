# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures that the programs print, and the file in which they are kept.

The file is an object:

    schema      1
    revision    of the tree, as git describes it
    kernel      version
    figures     by mode, "deterministic" or "concurrent", and name: objects of unit,
                median, least and most (of several rounds)
    targets     list of objects: work, target, figure, met (true or false)
"""

import json
import subprocess

SCHEMA = 1


def parse(text):
    """The figures in the output of a program."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 6 and words[0] == "figure":
            median, least, most = map(float, words[3:])
            found[words[1]] = {"unit": words[2], "median": median, "least": least, "most": most}
    return found


def revision(tree):
    """What git calls the state of a tree."""
    shown = subprocess.run(["git", "-C", tree, "describe", "--always", "--dirty"], check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    return shown.strip() or "unknown"


def write(path, tree, kver, by_mode, targets):
    """Keep everything in a file."""
    path.write_text(json.dumps({
        "schema": SCHEMA, "revision": revision(tree), "kernel": kver,
        "figures": by_mode, "targets": targets}, indent=1) + "\n", encoding="utf-8")


def read(path):
    """What write() wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("schema") != SCHEMA:
        raise ValueError(f"{path}: schema {content.get('schema')}, not {SCHEMA}")
    return content
