#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""The netlink family is what its specification says.

The kernel tells its commands, what they may, which attributes they take, and their
types and ranges; all this must be in Documentation/netlink/specs/chaos.yaml, and
nothing else.  What answers hold is compared, too.  That the numbers are those of the
headers is for selftests/lint to see.
"""

import os
import socket
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lint"))

try:
    import yaml
    import netlink_spec
except ImportError as missing:
    print(f"1..0 # SKIP no module {missing.name} for Python here")
    sys.exit(4)

AF_CHAOS = 18
NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_TYPE_MASK = 0x3fff

# linux/genetlink.h
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY = 3, 10
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_VERSION = 1, 2, 3
CTRL_ATTR_OPS, CTRL_ATTR_MCAST_GROUPS, CTRL_ATTR_POLICY, CTRL_ATTR_OP_POLICY = 6, 7, 8, 9
CTRL_ATTR_OP_ID, CTRL_ATTR_OP_FLAGS = 1, 2
CTRL_ATTR_MCAST_GRP_NAME = 1
GENL_CMD_CAP_DO, GENL_CMD_CAP_DUMP, GENL_UNS_ADMIN_PERM = 2, 4, 0x10

# linux/netlink.h: types of attributes, and what a policy tells of them.
TYPES = {1: "flag", 2: "u8", 3: "u16", 4: "u32", 5: "u64", 10: "binary", 11: "binary string",
         12: "string", 13: "nest"}
POLICY_TYPE, POLICY_MIN, POLICY_MAX = 1, 4, 5
POLICY_MIN_LENGTH, POLICY_MAX_LENGTH, POLICY_IDX, POLICY_MASK = 6, 7, 8, 12


def number(data):
    """An attribute's value as a number."""
    return int.from_bytes(data, sys.byteorder)


def attributes(data):
    """Number and value of each attribute in `data`."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & NLA_TYPE_MASK, data[4:length]
        data = data[(length + 3) & ~3:]


class Netlink:
    """A socket for generic netlink."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.bind((0, 0))
        self.socket.settimeout(30)

    def ask(self, family, command, payload=b"", dump=False):
        """Send a request; yields the attributes of each answer, as bytes."""
        body = struct.pack("=BBH", command, 1, 0) + payload
        flags = NLM_F_REQUEST | (NLM_F_DUMP if dump else NLM_F_ACK)
        self.socket.send(struct.pack("=IHHII", 16 + len(body), family, flags, 1, 0) + body)
        while True:
            data = self.socket.recv(1 << 16)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    error = struct.unpack_from("=i", data, 16)[0]
                    if error:
                        raise OSError(-error, os.strerror(-error))
                    return
                yield data[20:length]
                data = data[(length + 3) & ~3:]


def name_attribute():
    """The attribute that names our family."""
    name = b"chaos\0"
    return struct.pack("=HH", 4 + len(name), CTRL_ATTR_FAMILY_NAME) + name + bytes(-len(name) % 4)


class Family:
    """What the kernel tells of the family."""

    def __init__(self, netlink):
        answer, = netlink.ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name_attribute())
        found = dict(attributes(answer))
        self.id = number(found[CTRL_ATTR_FAMILY_ID])
        self.version = number(found[CTRL_ATTR_VERSION])
        groups = (dict(attributes(group))
                  for _, group in attributes(found[CTRL_ATTR_MCAST_GROUPS]))
        self.groups = [group[CTRL_ATTR_MCAST_GRP_NAME].rstrip(b"\0").decode()
                       for group in groups]
        self.flags = {}
        for _, data in attributes(found[CTRL_ATTR_OPS]):
            operation = dict(attributes(data))
            self.flags[number(operation[CTRL_ATTR_OP_ID])] = number(
                operation[CTRL_ATTR_OP_FLAGS])
        self.policy_of, self.policies = {}, {}
        for answer in netlink.ask(GENL_ID_CTRL, CTRL_CMD_GETPOLICY, name_attribute(), dump=True):
            self._take_policy(dict(attributes(answer)))

    def _take_policy(self, answer):
        for command, data in attributes(answer.get(CTRL_ATTR_OP_POLICY, b"")):
            self.policy_of[command] = {number(index) for _, index in attributes(data)}
        for index, data in attributes(answer.get(CTRL_ATTR_POLICY, b"")):
            policy = self.policies.setdefault(index, {})
            for attribute, told in attributes(data):
                policy[attribute] = {key: number(value) for key, value in attributes(told)}

    def takes(self, command):
        """The policies of a command, by attribute; there should be one at most."""
        found = [self.policies.get(index, {}) for index in self.policy_of.get(command, ())]
        found = [policy for policy in found if policy]
        return found or [{}]


class Comparison:
    """Of the specification with the kernel; collects differences."""

    def __init__(self, spec, family):
        self.spec, self.family, self.found = spec, family, []

    def expect(self, what, expected, actual):
        """Note a difference."""
        if expected != actual:
            self.found.append(f"{what}: the specification says {expected}, the kernel {actual}")

    def policy(self, what, set_name, names, policy):
        """Which attributes of a set are taken, and how."""
        known = self.spec.sets[set_name]
        self.expect(what, sorted(known[name].number for name in names), sorted(policy))
        for name in names:
            if known[name].number in policy:
                self.attribute(f"{what}: {name}", known[name], policy[known[name].number])

    def attribute(self, what, attribute, told):
        """Type and range of an attribute."""
        kind = TYPES.get(told[POLICY_TYPE], told[POLICY_TYPE])
        self.expect(f"{what}: type", attribute.type, kind)
        if attribute.type != kind:
            return
        if kind in netlink_spec.SIZES:
            low, high = told.get(POLICY_MIN, 0), told.get(POLICY_MAX)
            if POLICY_MASK in told:
                low, high = 0, told[POLICY_MASK]
            self.expect(f"{what}: range", self.spec.range(attribute), (low, high))
        elif kind in ("binary", "string"):
            checks = attribute.checks
            exact = checks.get("exact-len")
            self.expect(f"{what}: shortest", checks.get("min-len", exact),
                        told.get(POLICY_MIN_LENGTH))
            self.expect(f"{what}: longest", checks.get("max-len", exact),
                        told.get(POLICY_MAX_LENGTH))
        elif kind == "nest":
            nested = self.spec.sets[attribute.nested]
            self.policy(what, attribute.nested, nested.keys(),
                        self.family.policies.get(told.get(POLICY_IDX), {}))

    def flags(self, operation):
        """Ways to call a command, and who may."""
        flags = self.family.flags.get(operation.number, 0)
        self.expect("do", operation.do is not None, bool(flags & GENL_CMD_CAP_DO))
        self.expect("dump", operation.dump is not None, bool(flags & GENL_CMD_CAP_DUMP))
        self.expect("needs privilege", operation.admin, bool(flags & GENL_UNS_ADMIN_PERM))

    def answer(self, set_name, names, data, complete):
        """The attributes of an answer."""
        known = {attribute.number: attribute for attribute in self.spec.sets[set_name].values()}
        seen = set()
        for kind, value in attributes(data):
            attribute = known.get(kind)
            if attribute is None or (attribute.name not in names and attribute.type != "pad"):
                self.found.append(f"unexpected attribute {kind}")
                continue
            seen.add(attribute.name)
            size = netlink_spec.SIZES.get(attribute.type, len(value))
            self.expect(f"{attribute.name}: size", size, len(value))
            if attribute.type == "string" and value[-1:] != b"\0":
                self.found.append(f"{attribute.name}: not terminated")
            if attribute.type == "nest":
                self.answer(attribute.nested, self.spec.sets[attribute.nested], value, True)
        if complete:
            self.expect("attributes", sorted(set(names) - {"pad"}), sorted(seen - {"pad"}))


class Results:
    """What is printed."""

    def __init__(self):
        self.count, self.failed = 0, False

    def result(self, description, differences):
        """One result, with what is wrong."""
        self.count += 1
        print("not ok" if differences else "ok", self.count, "-", description, flush=True)
        for line in differences:
            print("#", line)
        self.failed = self.failed or bool(differences)


# Of these every attribute must be there.
COMPLETE = {"stats-get", "net-get"}


def answers(spec, family, netlink, operation):
    """Differences in what a command answers; of those that need no attributes."""
    comparison = Comparison(spec, family)
    dump = operation.dump is not None
    names = operation.reply(operation.dump if dump else operation.do)
    for data in netlink.ask(family.id, operation.number, dump=dump):
        comparison.answer(operation.attribute_set, names, data, operation.name in COMPLETE)
    return comparison.found


def main():
    """Print results; returns the exit status."""
    results, netlink = Results(), Netlink()
    try:
        socket.socket(AF_CHAOS, socket.SOCK_DGRAM).close()  # loads the module
        family = Family(netlink)
    except OSError as error:
        print(f"1..0 # SKIP no Chaosnet here: {error}")
        return 4
    try:
        spec = netlink_spec.Spec()
    except (netlink_spec.SpecError, KeyError, yaml.YAMLError) as error:
        print(f"Bail out! the specification makes no sense: {error}")
        return 1

    comparison = Comparison(spec, family)
    comparison.expect("version", spec.raw["version"], family.version)
    comparison.expect("groups", list(spec.groups), family.groups)
    known = {o.number for o in spec.operations.values() if o.do is not None or o.dump is not None}
    comparison.expect("commands", sorted(known), sorted(family.flags))
    results.result("family", comparison.found)

    for operation in spec.operations.values():
        comparison = Comparison(spec, family)
        comparison.flags(operation)
        for policy in family.takes(operation.number):
            comparison.policy("takes", operation.attribute_set, operation.request(), policy)
        results.result(operation.name, comparison.found)
    for operation in spec.operations.values():
        if operation.dump is not None or (operation.do is not None and not operation.request()):
            results.result(f"{operation.name}: the answer",
                           answers(spec, family, netlink, operation))
    print(f"1..{results.count}")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
