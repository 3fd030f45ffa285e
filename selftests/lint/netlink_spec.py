#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""The specification of the netlink family: reading it, comparing it with the headers.

Run as a program it prints what is wrong with Documentation/netlink/specs/chaos.yaml:
words that the format does not have, names that do not exist, and whatever differs
from include/uapi/linux.  A test in the test machine compares it with the kernel.
"""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml

TREE = Path(__file__).resolve().parents[2]
SPEC = TREE / "Documentation/netlink/specs/chaos.yaml"
UAPI = TREE / "include/uapi"

SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}

# What the format (the kernel's schema genetlink-legacy) knows, as far as it is used here.
WORDS = {
    "spec": {"name", "doc", "protocol", "uapi-header", "c-family-name", "c-version-name",
             "kernel-policy", "version", "definitions", "attribute-sets", "operations",
             "mcast-groups"},
    "definition": {"name", "header", "type", "doc", "value", "entries", "enum-name",
                   "name-prefix", "members"},
    "entry": {"name", "value", "doc"},
    "member": {"name", "type", "len", "doc", "enum"},
    "attribute set": {"name", "name-prefix", "doc", "attributes"},
    "attribute": {"name", "type", "doc", "value", "nested-attributes", "enum", "checks",
                  "sub-type", "display-hint", "struct"},
    "checks": {"min", "max", "min-len", "max-len", "exact-len"},
    "operations": {"name-prefix", "enum-name", "list"},
    "operation": {"name", "doc", "value", "attribute-set", "flags", "do", "dump", "notify",
                  "mcgrp"},
    "do or dump": {"request", "reply"},
    "message": {"attributes"},
    "groups": {"list"},
    "group": {"name", "c-define-name"},
}
ATTRIBUTE_TYPES = {*SIZES, "pad", "flag", "binary", "string", "nest"}
MEMBER_TYPES = {*SIZES, "binary"}


class SpecError(Exception):
    """The specification makes no sense."""


def c_name(prefix, name):
    """The name in C of what the specification calls `name`."""
    return (prefix + name).upper().replace("-", "_")


def _check_words(what, item):
    """Refuse what the format does not know."""
    if not isinstance(item, dict):
        raise SpecError(f"{what}: should have keys and values: {item}")
    for word in item.keys() - WORDS[what]:
        raise SpecError(f"{what} {item.get('name', '')}: unknown word '{word}'")


def _by_name(what, items):
    """The items of a list by their names."""
    found = {}
    for item in items:
        _check_words(what, item)
        if item["name"] in found:
            raise SpecError(f"{what} {item['name']} is there twice")
        found[item["name"]] = item
    return found


def _numbered(items, start):
    """The numbers of the items of a list by their names."""
    numbers = {}
    for item in items:
        start = item.get("value", start)
        numbers[item["name"]] = start
        start += 1
    return numbers


@dataclass
class Attribute:
    """An attribute of a set."""
    name: str
    number: int
    type: str
    checks: dict
    nested: str = None
    enum: str = None
    struct: str = None


@dataclass
class Operation:
    """A command: what it takes and answers; None for what it cannot do."""
    name: str
    number: int
    attribute_set: str
    admin: bool
    do: dict
    dump: dict
    notify: str

    def request(self):
        """Names of the attributes that it takes."""
        names = []
        for way in (self.do, self.dump):
            names += (way or {}).get("request", {}).get("attributes", [])
        return list(dict.fromkeys(names))

    def reply(self, way):
        """Names of the attributes that it answers with."""
        return (way or {}).get("reply", {}).get("attributes", [])


@dataclass
class Enum:
    """Values by name."""
    prefix: str
    header: str
    flags: bool
    values: dict = field(default_factory=dict)


class Spec:
    """The specification, checked to make sense in itself."""

    def __init__(self, path=SPEC):
        with open(path, encoding="utf-8") as file:
            self.raw = yaml.safe_load(file)
        _check_words("spec", self.raw)
        self.consts, self.enums, self.structs = {}, {}, {}
        for name, item in _by_name("definition", self.raw["definitions"]).items():
            self._define(name, item)
        self.sets = {name: self._attributes(item) for name, item in
                     _by_name("attribute set", self.raw["attribute-sets"]).items()}
        self.prefixes = {item["name"]: item["name-prefix"]
                         for item in self.raw["attribute-sets"]}
        _check_words("operations", self.raw["operations"])
        _check_words("groups", self.raw["mcast-groups"])
        self.groups = _by_name("group", self.raw["mcast-groups"]["list"])
        operations = _by_name("operation", self.raw["operations"]["list"])
        numbers = _numbered(operations.values(), 1)
        self.operations = {name: self._operation(item, numbers[name])
                           for name, item in operations.items()}
        self._check_references(operations)

    def _define(self, name, item):
        kind = item["type"]
        if kind == "const":
            self.consts[name] = item["value"]
        elif kind in ("enum", "flags"):
            entries = [entry if isinstance(entry, dict) else {"name": entry}
                       for entry in item["entries"]]
            values = _numbered(_by_name("entry", entries).values(), 0)
            if kind == "flags":
                values = {key: 1 << bit for key, bit in values.items()}
            self.enums[name] = Enum(item["name-prefix"], item.get("header"), kind == "flags",
                                    values)
        elif kind == "struct":
            self.structs[name] = _by_name("member", item["members"])
            for member in self.structs[name].values():
                if member["type"] not in MEMBER_TYPES:
                    raise SpecError(f"{name}: {member['name']} has no type")
        else:
            raise SpecError(f"definition {name}: unknown type '{kind}'")

    def _attributes(self, attribute_set):
        items = _by_name("attribute", attribute_set["attributes"])
        numbers = _numbered(items.values(), 1)
        attributes = {}
        for name, item in items.items():
            if item.get("type") not in ATTRIBUTE_TYPES:
                raise SpecError(f"attribute {name}: unknown type '{item.get('type')}'")
            _check_words("checks", item.get("checks", {}))
            attributes[name] = Attribute(
                name, numbers[name], item["type"], item.get("checks", {}),
                item.get("nested-attributes"), item.get("enum"), item.get("struct"))
        return attributes

    def _operation(self, item, number):
        for way in ("do", "dump"):
            if way in item:
                _check_words("do or dump", item[way])
                for message in item[way].values():
                    _check_words("message", message)
        return Operation(item["name"], number, item["attribute-set"],
                         "uns-admin-perm" in item.get("flags", []), item.get("do"),
                         item.get("dump"), item.get("notify"))

    def _check_references(self, operations):
        """Refuse names of what is not defined."""
        def need(what, name, known):
            if name is not None and name not in known:
                raise SpecError(f"{what}: there is no '{name}'")

        for set_name, attributes in self.sets.items():
            for attribute in attributes.values():
                what = f"attribute {attribute.name} of {set_name}"
                need(what, attribute.nested, self.sets)
                need(what, attribute.enum, self.enums)
                need(what, attribute.struct, self.structs)
                if (attribute.type == "nest") != (attribute.nested is not None):
                    raise SpecError(f"{what}: a nest, or not?")
        for name, operation in self.operations.items():
            need(name, operation.attribute_set, self.sets)
            need(name, operation.notify, self.operations)
            need(name, operations[name].get("mcgrp"), self.groups)
            known = self.sets[operation.attribute_set]
            for attribute in (*operation.request(), *operation.reply(operation.do),
                              *operation.reply(operation.dump)):
                need(name, attribute, known)

    def range(self, attribute):
        """The least and the greatest value of a number that the kernel takes."""
        low, high = 0, 256 ** SIZES[attribute.type] - 1
        if attribute.enum:
            values = self.enums[attribute.enum].values.values()
            high = sum(values) if self.enums[attribute.enum].flags else max(values)
        return attribute.checks.get("min", low), attribute.checks.get("max", high)

    def numbers(self):
        """All constants by their names in C."""
        found = {c_name("chaos-", name): value for name, value in self.consts.items()}
        found["CHAOS_GENL_VERSION"] = self.raw["version"]
        for enum in self.enums.values():
            found.update({c_name(enum.prefix, name): value
                          for name, value in enum.values.items()})
        for name, attributes in self.sets.items():
            prefix = self.prefixes[name]
            found.update({c_name(prefix, attribute.name): attribute.number
                          for attribute in attributes.values()})
            found[c_name(prefix, "max")] = max(a.number for a in attributes.values())
        prefix = self.raw["operations"]["name-prefix"]
        found.update({c_name(prefix, operation.name): operation.number
                      for operation in self.operations.values()})
        found[c_name(prefix, "max")] = max(o.number for o in self.operations.values())
        return found

    def strings(self):
        """All names by their names in C."""
        found = {c_name("", self.raw["c-family-name"]): self.raw["name"]}
        found.update({c_name("", group["c-define-name"]): name
                      for name, group in self.groups.items()})
        return found

    def layout(self):
        """Offset and size of the members of structures, by how C writes them."""
        found = {}
        for struct, members in self.structs.items():
            offset = 0
            for name, member in members.items():
                size = SIZES.get(member["type"]) or member["len"]
                found[f"struct chaos_{struct}", name.replace("-", "_")] = offset, size
                offset += size
            found[f"struct chaos_{struct}", None] = 0, offset
        return found


def header_names():
    """Constants that the header of the family defines, but for those that only count."""
    text = (UAPI / "linux/chaos_netlink.h").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    names = set(re.findall(r"^\t(CHAOS_\w+)(?:,| =|$)", text, flags=re.MULTILINE))
    names |= set(re.findall(r"^#define (CHAOS_\w+)", text, flags=re.MULTILINE))
    return {name for name in names if not name.endswith("_UNSPEC")}


def struct_members(spec):
    """Members of the structures in the header, by how C writes these."""
    text = (UAPI / "linux/chaos.h").read_text(encoding="utf-8")
    found = {}
    for struct in spec.structs:
        body = re.search(rf"^struct chaos_{struct} {{\n(.*?)^}};", text, re.DOTALL | re.MULTILINE)
        if not body:
            raise SpecError(f"there is no struct chaos_{struct}")
        found[f"struct chaos_{struct}"] = re.findall(r"^\t\w+\s+(\w+)[;\[]", body[1],
                                                     re.MULTILINE)
    return found


def ask_compiler(expressions, strings):
    """The values of C expressions, numbers and then strings, with our headers."""
    with tempfile.TemporaryDirectory() as directory:
        source, program = Path(directory) / "spec.c", Path(directory) / "spec"
        lines = [f'printf("%lld\\n", (long long)({e}));' for e in expressions]
        lines += [f'printf("%s\\n", {e});' for e in strings]
        source.write_text("#include <stdio.h>\n#include <stddef.h>\n"
                          "#include <linux/chaos.h>\n#include <linux/chaos_netlink.h>\n"
                          "int main(void)\n{\n" + "\n".join(lines) + "\n}\n", encoding="utf-8")
        compiled = subprocess.run(["cc", "-I", str(UAPI), "-o", str(program), str(source)],
                                  stderr=subprocess.PIPE, text=True, check=False)
        if compiled.returncode:
            raise SpecError("some names are not in the headers:\n" + "\n".join(
                line.partition(": ")[2] for line in compiled.stderr.splitlines()
                if "error:" in line))
        output = subprocess.run([str(program)], stdout=subprocess.PIPE, text=True, check=True)
    values = output.stdout.splitlines()
    return [int(value) for value in values[:len(expressions)]] + values[len(expressions):]


def differences(spec):
    """What is different in the headers."""
    numbers, strings, layout = spec.numbers(), spec.strings(), spec.layout()
    members = [key for key in layout if key[1]]
    structs = [key[0] for key in layout if not key[1]]
    expressions = [*numbers, *(f"offsetof({s}, {m})" for s, m in members),
                   *(f"sizeof((({s} *)0)->{m})" for s, m in members),
                   *(f"sizeof({s})" for s in structs)]
    expected = [*numbers.values(), *(layout[key][0] for key in members),
                *(layout[key][1] for key in members), *(layout[s, None][1] for s in structs),
                *strings.values()]
    actual = ask_compiler(expressions, strings)
    found = [f"{name} is {is_there}, not {said}" for name, said, is_there
             in zip([*expressions, *strings], expected, actual) if said != is_there]
    found += [f"{name} is left out"
              for name in sorted(header_names() - numbers.keys() - strings.keys())]
    for struct, names in struct_members(spec).items():
        found += [f"{struct}: {name} is left out" for name in names
                  if (struct, name) not in layout]
    return found


def main():
    """Print what is wrong; returns the exit status."""
    try:
        found = differences(Spec())
    except (SpecError, KeyError, yaml.YAMLError) as error:
        found = [f"{type(error).__name__}: {error}"]
    for line in found:
        print(f"{SPEC.relative_to(TREE)}: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
