"""Reads the text that Triton's front end prints for a kernel.

The text has one operation a line; a line that ends in `{` opens a region, one that begins with `}`
closes it, perhaps to open the next one of the same operation.
"""

from __future__ import annotations

import re

from kernel_lanes.fast.ir import Block, Function, Module, Op, Region, Type, Unsupported
from kernel_lanes.fast.places import Places, cut
from kernel_lanes.fast.types import parse_type, parse_types, split

_VALUE = re.compile(r"%[\w.$-]+(?:#\d+)?")
_RESULTS = re.compile(r"^((?:%[\w.$-]+(?::\d+)?(?:, )?)+) = ")
_FUNCTION = re.compile(r"tt\.func (?:public |private )?@([\w.$\"<>-]+)\(")
_LABEL = re.compile(r"^(\^bb\d+)(?:\((.*)\))?:")
_SUCCESSOR = re.compile(r"(\^bb\d+)(?:\(([^)]*)\))?")
_COMPARED = ("arith.cmpi", "arith.cmpf")


def parse(text: str) -> Module:
    """Read a module.

    Raises:
        Unsupported: it holds something that is not translated, or another form than is known.
    """
    reader = _Reader(text)
    functions = {one.name: one for one in reader.functions()}
    public = re.search(r"tt\.func public @([\w.$-]+)", text)
    if public is None or public[1] not in functions:
        raise Unsupported("a module without a kernel")
    return Module(functions[public[1]], functions)


class _Reader:
    """Goes through the lines once."""

    def __init__(self, text: str) -> None:
        self._places = Places(text)
        self._lines = [line.strip() for line in text.splitlines() if line.strip()]
        self._at = 0

    def functions(self) -> list[Function]:
        found = []
        while self._at < len(self._lines):
            line, _ = cut(self._lines[self._at])
            self._at += 1
            if match := _FUNCTION.match(line):
                head = line[match.end() :]
                parameters = _parameters(head[: _end_of_parameters(head)])
                found.append(Function(match[1], parameters, self._region(parameters)))
        return found

    def _region(self, parameters: tuple[tuple[str, Type], ...] = ()) -> Region:
        """The blocks up to the line that closes the region, which is not consumed."""
        blocks = [Block("^bb0", parameters)]
        while not self._lines[self._at].startswith("}"):
            line, place = cut(self._lines[self._at].split("  // ")[0])
            self._at += 1
            if match := _LABEL.match(line):
                block = Block(match[1], _parameters(match[2] or ""))
                if len(blocks) == 1 and not blocks[0].ops and not parameters:
                    blocks = [block]
                else:
                    blocks.append(block)
                continue
            blocks[-1].ops.append(self._op(line, place))
        return Region(tuple(blocks))

    def _op(self, line: str, place: str) -> Op:
        regions: list[Region] = []
        head = line
        while line.endswith("{"):
            regions.append(self._region())
            line, place = cut(self._lines[self._at])
            self._at += 1
        tail = line.removeprefix("}") if regions else ""
        where = self._places.resolve(place)
        try:
            return _operation(head, tail, tuple(regions), where)
        except Unsupported as error:
            raise Unsupported(error.what, where) from None


def _operation(head: str, tail: str, regions: tuple[Region, ...], place: str) -> Op:
    match = _RESULTS.match(head)
    results = _result_names(match[1]) if match else ()
    rest = head[match.end() :] if match else head
    name, _, text = rest.partition(" ") if not rest.startswith('"') else rest.partition('"(')
    if rest.startswith('"'):
        name, _, text = rest[1:].partition('"')
    if name.startswith("scf.condition"):
        name, text = "scf.condition", rest.removeprefix("scf.condition")
    if regions:
        types, result_types, text = _types_of_nested(name, text, tail, len(results))
    else:
        text, types, result_types = _types_of_plain(name, text, len(results))
    successors = tuple(
        (label, tuple(_VALUE.findall(given.split(" : ")[0])))
        for label, given in _SUCCESSOR.findall(text)
    )
    operands = tuple(_VALUE.findall(text.split("^")[0] if successors else text))
    return Op(name, results, operands, text, types, result_types, regions, successors, place)


def _types_of_plain(
    name: str, text: str, results: int
) -> tuple[str, tuple[Type, ...], tuple[Type, ...]]:
    """The text without its types, the types as written, and those of the results."""
    body, colon, written = f" {text}".rpartition(" : ")
    written = written.replace(" * ", ", ")  # the factors of a tt.dot
    body = body.strip()
    if not colon:  # `true` and `false` stand without their type
        return text, (), (Type("i1"),) * results
    if name in ("cf.br", "cf.cond_br"):
        return text, (), ()
    if " -> " in written or " to " in written:
        before, after = re.split(r" -> | to ", written, maxsplit=1)
        return body, parse_types(before), parse_types(after)
    types = parse_types(written)
    if not results:
        return body, types, ()
    if name in _COMPARED:
        return body, types, (types[0].with_element("i1"),)
    if name == "tt.load":
        return body, types, (types[0].pointed(),)
    if name == "arith.select" and len(types) == 2:
        return body, types, (types[1],)
    return body, types, (types[0],) * results


def _types_of_nested(
    name: str, text: str, tail: str, results: int
) -> tuple[tuple[Type, ...], tuple[Type, ...], str]:
    """The same for an operation with regions: types stand before the first or behind the last."""
    text = text.removesuffix("{").strip()
    if " : " in tail and " -> " in tail:
        before, after = tail.rsplit(" : ", 1)[1].split(" -> ", 1)
        return parse_types(before), parse_types(after), text
    arrow = text.find(" -> ")
    if arrow < 0:
        return (), (), text
    written = text[arrow + 4 :].strip()
    if written.startswith("("):
        written = written[: _end_of_parameters(written[1:]) + 1][1:]
    return (), parse_types(written)[:results], text


def _result_names(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for part in text.split(", "):
        name, _, count = part.partition(":")
        names += [f"{name}#{i}" for i in range(int(count))] if count else [name]
    return tuple(names)


def _parameters(text: str) -> tuple[tuple[str, Type], ...]:
    pairs = (re.sub(r" \{[^}]*\}", "", part).split(":", 1) for part in split(text))
    return tuple((name.strip(), parse_type(kind)) for name, kind in pairs)


def _end_of_parameters(text: str) -> int:
    """Where the parenthesis closes that was opened before the text."""
    depth = 1
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return at
    return len(text)
