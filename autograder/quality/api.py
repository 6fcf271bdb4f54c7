"""The public API of a stage, from its `api.toml`, and where a submission defines it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.quality.findings import CheckerFault
from autograder.quality.modules import Module

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Item:
    """One public function, method or class that the starter declares.

    Attributes:
        file: the module that declares it, such as "block_pool.py".
        name: "function", "Class" or "Class.method".
        errors: names of the errors that its contract raises.
        words: its docstring must hold one of these (a unit, say); () asks for none.
        suggested: whether a submission may do without it.
    """

    file: str
    name: str
    errors: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    suggested: bool = False


@dataclass(frozen=True)
class Definition:
    """A function or class at the top of a module, or a method of such a class."""

    file: str
    name: str
    node: Node

    @property
    def lines(self) -> range:
        """Its lines in the file, decorators included."""
        decorators = [decorator.lineno for decorator in self.node.decorator_list]
        first = min([self.node.lineno, *decorators])
        return range(first, (self.node.end_lineno or self.node.lineno) + 1)


def load_api(file: Path) -> tuple[Item, ...]:
    """Read the named public API of a stage.

    Raises:
        CheckerFault: the file is missing or is not what it should be.
    """
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        suggested = set(data.pop("suggested", ()))
        return tuple(
            _item(f"{module}.py", name, entry, name.split(".")[0] in suggested)
            for module, entries in data.items()
            for name, entry in entries.items()
        )
    except OSError as error:
        raise CheckerFault(f"{file}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise CheckerFault(f"{file}: not a list of the public API ({error})") from None


def definitions(module: Module) -> Iterator[Definition]:
    """Every definition of a module, in the order of its lines."""
    yield from _definitions(module.file, "", module.tree.body)


def locate(item: Item, modules: Sequence[Module]) -> tuple[Definition, ...]:
    """Where a submission defines an item: in its own module, else in any other.

    A method may be inherited from another class of the submission. Only definitions at the top of
    a module or class count, not those under an `if`.

    Returns:
        All definitions of that name in one place (more than one for overloads and properties); ()
        if there is none.
    """
    ordered = sorted(modules, key=lambda module: module.file != item.file)
    found = [found for module in ordered for found in definitions(module)]
    holder, _, method = item.name.rpartition(".")
    for name in [f"{base}.{method}" for base in _line_of(holder, found)] if holder else [item.name]:
        same = [definition for definition in found if definition.name == name]
        if same:
            return tuple(place for place in same if place.file == same[0].file)
    return ()


def asked_of(items: Sequence[Item], modules: Sequence[Module]) -> tuple[Item, ...]:
    """The items that a submission answers for.

    Left out are those of a suggested class that it does without, and the `__init__` that
    `@dataclass` makes.
    """
    present = {found.name: found for module in modules for found in definitions(module)}

    def is_asked(item: Item) -> bool:
        if item.name in present:
            return True
        holder, _, method = item.name.partition(".")
        made = method == "__init__" and holder in present and _is_dataclass(present[holder].node)
        return not (item.suggested or made)

    return tuple(item for item in items if is_asked(item))


def _definitions(file: str, prefix: str, body: Sequence[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, Node):
            yield Definition(file, prefix + node.name, node)
        if isinstance(node, ast.ClassDef) and not prefix:
            yield from _definitions(file, f"{node.name}.", node.body)


def _line_of(name: str, found: Sequence[Definition]) -> list[str]:
    """A class and the classes of the submission that it inherits from, nearest first."""
    bases = {
        place.name: [base.id for base in place.node.bases if isinstance(base, ast.Name)]
        for place in reversed(found)
        if isinstance(place.node, ast.ClassDef)
    }
    line = [name]
    for known in line:
        line.extend(base for base in bases.get(known, ()) if base not in line)
    return line


def _is_dataclass(node: Node) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def _item(file: str, name: str, entry: Mapping[str, Any], suggested: bool) -> Item:
    unknown = set(entry) - {"errors", "words"}
    if unknown:
        raise ValueError(f"{name} has unknown keys {sorted(unknown)}")
    errors, words = tuple(entry.get("errors", ())), tuple(entry.get("words", ()))
    return Item(file, name, errors, words, suggested)
