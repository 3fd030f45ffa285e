# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables for people."""

from .parts import DETERMINISTIC
from .targets import REFERENCES

# Whose figures are compared with whose, where both are of the same kind.
OURS = ("chaos", "unc", "status", "server")
PEERS = ("tcp", "tcp-single", "udp", "ipv4", "ipip", "openssl-512", "openssl-8192", "cable")


def show_figures(mode, found):
    """All figures of a mode, with references where there are some."""
    print(f"\n{mode:<30} {'unit':<18} {'median':>12} {'least':>12} {'most':>12} {'reference':>10}")
    for name, figure in found.items():
        reference = REFERENCES.get(name, "") if mode == DETERMINISTIC else ""
        print(f"{name:<30} {figure['unit']:<18} {figure['median']:>12.6g} "
              f"{figure['least']:>12.6g} {figure['most']:>12.6g} {reference:>10}")


def show_ratios(found):
    """Where only ratios mean something: of Chaosnet to its peers, with their spread."""
    print(f"\n{'ratio':<44} {'median':>8} {'least':>8} {'most':>8}")
    for name, figure in found.items():
        kind, _, protocol = name.rpartition(".")
        if protocol not in OURS:
            continue
        for peer in PEERS:
            other = found.get(f"{kind}.{peer}")
            if other and other["median"] and other["least"] and other["most"]:
                print(f"{name + ' / ' + peer:<44} "
                      f"{figure['median'] / other['median']:>8.2f} "
                      f"{figure['least'] / other['most']:>8.2f} "
                      f"{figure['most'] / other['least']:>8.2f}")


def show_targets(targets):
    """What should be and what is; nothing if no target was measured."""
    if not targets:
        return
    print(f"\n{'work':<52} {'target':<32} {'figure':>9}")
    for target in targets:
        print(f"{target['work']:<52} {target['target']:<32} {target['figure']:>9.3f}  "
              f"{'met' if target['met'] else 'MISSED'}")


def show_changes(before, after):
    """Two sets of figures, and what changed, in percent."""
    print(f"\n{'':<30} {'before':>12} {'after':>12} {'change %':>9}")
    for name, figure in after.items():
        if name not in before:
            continue
        old, new = before[name]["median"], figure["median"]
        change = f"{100 * (new / old - 1):>+9.2f}" if old else ""
        print(f"{name:<30} {old:>12.6g} {new:>12.6g} {change}")
