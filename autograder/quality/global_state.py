"""State that all pools would share: mutable values in modules and classes, `global`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.quality.findings import Finding
from autograder.quality.modules import Module

NAMES_OF_LANGUAGE = ("__all__", "__slots__", "__match_args__")
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
CONTAINERS = frozenset(
    ("list", "dict", "set", "bytearray", "deque", "defaultdict", "Counter", "OrderedDict")
    + ("ChainMap", "array", "count", "cycle", "iter", "SimpleNamespace")
)
FROZEN = frozenset(
    ("NewType", "TypeVar", "ParamSpec", "TypeVarTuple", "NamedTuple", "namedtuple", "Enum")
    + ("MappingProxyType", "Fraction", "Decimal", "Struct", "object", "getLogger", "frozenset")
    + ("tuple", "bytes", "str", "int", "float", "bool", "range")
)
FIX = "keep it in the object that owns it"


def global_state(module: Module) -> Iterator[Finding]:
    """A finding for each piece of state that outlives the objects of a submission.

    Constants are fine: a value that cannot change, or the result of a function under a name in
    capitals. So are type aliases, and instances of frozen dataclasses.
    """
    tree = module.tree
    owned = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    frozen = {node.name for node in tree.body if isinstance(node, ast.ClassDef) and _frozen(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            message = f"`global {', '.join(node.names)}`"
            yield Finding(module.file, node.lineno, "global", message, FIX)
        elif isinstance(node, ast.Module | ast.ClassDef):
            for name, value in _assigned(node.body):
                if _is_mutable(value, frozen, name, at_top=isinstance(node, ast.Module)):
                    message = f"{name} is shared by all objects and can change"
                    yield Finding(module.file, value.lineno, "global", message, FIX)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for target in _attribute_targets(node):
                owner = target.value
                if isinstance(owner, ast.Name) and owner.id in owned | {"cls"}:
                    message = f"{owner.id}.{target.attr} is state on a class or function"
                    yield Finding(module.file, target.lineno, "global", message, FIX)


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Names and values assigned in a body, in its branches too."""
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if ast.unparse(target) not in NAMES_OF_LANGUAGE:
                    yield ast.unparse(target), node.value
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _assigned(getattr(node, part, ()))


def _is_mutable(value: ast.expr, frozen: set[str], name: str, at_top: bool) -> bool:
    if isinstance(value, DISPLAYS):
        return True
    if isinstance(value, ast.Call):
        called = _last_name(value.func)
        if called in CONTAINERS:
            return True
        known = called in FROZEN or called in frozen
        constant = name.strip("_").isupper() and not called[:1].isupper()
        return at_top and not known and not constant
    if isinstance(value, ast.Tuple | ast.BinOp | ast.BoolOp | ast.IfExp | ast.NamedExpr):
        parts = [part for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr)]
        return any(_is_mutable(part, frozen, name, at_top) for part in parts)
    return False


def _attribute_targets(node: ast.AST) -> Iterator[ast.Attribute]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            yield part


def _frozen(node: ast.ClassDef) -> bool:
    return any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
