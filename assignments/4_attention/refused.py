"""Whether a file of the stage may be run at all: read as text, never run.

Kernels run in one process with what watches them. Code that reaches behind the watcher (frames,
modules, the interpreter, threads, text that becomes code) could make it say anything, so it is not
run. What a kernel file may use is much less than this lets through: see sources.py.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

REACHING = frozenset(
    (
        "__main__",
        "_thread",
        "_threading_local",
        "asyncio",
        "atexit",
        "autograder",
        "builtins",
        "code",
    )
    + (
        "codeop",
        "concurrent",
        "ctypes",
        "faulthandler",
        "gc",
        "importlib",
        "inspect",
        "kernel_lanes",
    )
    + ("marshal", "mmap", "multiprocessing", "pickle", "pkgutil", "pytest", "runpy", "signal")
    + ("stage_driver", "stage_meter", "sys", "threading", "tracemalloc")
)
"""Modules that lead to what other code holds, or run code where nothing looks."""
OF_TORCH = frozenset(("hub", "library", "overrides", "package", "serialization"))
OF_TRITON = frozenset(("backends", "compiler", "interpreter", "knobs", "runtime"))
"""Parts that replace or steer what runs a kernel or an operation."""
TORCHS_OWN = frozenset(("__version__", "profiler", "random", "types"))
"""Parts of torch that are called like a module of the standard library and are none."""
ATTRIBUTES = frozenset(
    ("attrgetter", "cr_frame", "ForwardRef", "evaluate_forward_ref", "f_back", "f_builtins")
    + ("f_code", "f_globals", "f_locals", "get_type_hints", "gi_frame", "make_dataclass")
    + ("methodcaller", "tb_frame", "tb_next", "_C", "_VF", "_getframe", "_python_dispatch")
)
"""What leads from an object to frames, or from text to what it names."""
FLAGS = "torch.backends."
"""What may be set: they say how torch computes, and it computes nothing here."""
FUNCTIONS = frozenset(
    ("__import__", "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals")
    + ("input", "locals", "memoryview", "open", "setattr", "vars")
)
ROOTS = ("torch", "triton", "triton.language")
HARMLESS = frozenset(
    ("__all__", "__annotations__", "__doc__", "__future__", "__init__", "__name__", "__post_init__")
    + ("__version__",)
)
"""Names with double underscores that lead nowhere."""


def refusal(file: Path) -> str:
    """Why a file is not run, in the words of a report; "" if it is, or if it is no Python."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        line, use = next(_reaching(tree), (0, ""))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return ""
    if not use:
        return ""
    return (
        f"reaches behind the grader in line {line}, by {use}, and is not run: what it shows could"
        " be forged (handout §4.2)"
    )


def _reaching(tree: ast.AST) -> Iterator[tuple[int, str]]:
    names = imported_names(tree)
    bases = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        for use in _uses(node, names, id(node) in bases):
            yield getattr(node, "lineno", 0), use


def imported_names(tree: ast.AST) -> dict[str, str]:
    """What names stand for after imports, and after `name = torch.something`, as full paths."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                names[one.asname or one.name.partition(".")[0]] = (
                    one.name if one.asname else one.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.update(
                {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (path := path_of(node.value, names)):
            names.update({one.id: path for one in node.targets if isinstance(one, ast.Name)})
    return names


def path_of(node: ast.AST, names: Mapping[str, str]) -> str:
    """`torch.nn.functional` for `F`, if F was imported as that; "" for what was not imported."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return ""
    return ".".join([names[node.id], *reversed(parts)])


def _uses(node: ast.AST, names: Mapping[str, str], is_base: bool) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names if reaches(one.name))
    elif isinstance(node, ast.ImportFrom) and not node.level:
        paths = [f"{node.module}.{one.name}" for one in node.names]
        yield from (path for path in paths if reaches(path) or path.endswith(".*"))
    elif isinstance(node, ast.Attribute):
        path = path_of(node, names)
        if path and not isinstance(node.ctx, ast.Load) and not path.startswith(FLAGS):
            yield f"changing {path}"
        if reaches(path or node.attr):
            yield path or node.attr
    elif isinstance(node, ast.Name):
        yield from _named(node, names, is_base)
    elif isinstance(node, ast.MatchClass):
        yield from (name for name in node.kwd_attrs if reaches(name))


def _named(node: ast.Name, names: Mapping[str, str], is_base: bool) -> Iterator[str]:
    """A name by itself: a function that leads anywhere, or a module handed on as a value."""
    path = names.get(node.id, "")
    if node.id in FUNCTIONS or (_hidden(node.id) and not path):
        yield node.id
    elif path in ROOTS and not is_base and isinstance(node.ctx, ast.Load):
        yield f"handing on {path} itself"


def reaches(path: str) -> bool:
    """True if a module, or an attribute that begins somewhere, leads behind the grader."""
    top, *below = path.split(".")
    if any(_hidden(one) or one in REACHING or one in ATTRIBUTES for one in (top, *below)):
        return True
    if top not in ("torch", "triton"):
        return top in sys.stdlib_module_names and any(map(_module, below)) and below[:1] != ["abc"]
    parts = OF_TORCH if top == "torch" else OF_TRITON
    return any(
        one in parts or (one.startswith("_") or _module(one)) and one not in TORCHS_OWN
        for one in below
    )


def _module(name: str) -> bool:
    """True for the name of a standard module: modules hold one another, also where none should."""
    return name in sys.stdlib_module_names


def _hidden(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in HARMLESS
