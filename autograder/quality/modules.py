"""Reads a submission's modules. Nothing of it is executed or imported."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.quality.findings import CheckerFault, Finding

OLDEST_PYTHON = (3, 11)
"""The language that submissions are read as, whichever Python grades them."""
MOST_BYTES = 64 * 1024
MOST_DEPTH = 150
"""Checkers recurse; a file nested deeper than this is not handed to them."""


class Unreadable(Exception):
    """Why a file cannot be read as Python, and in which line."""

    def __init__(self, line: int, code: str, message: str) -> None:
        super().__init__(message)
        self.line, self.code = line, code


@dataclass(frozen=True)
class Module:
    """One student module that is Python."""

    file: str
    text: str
    tree: ast.Module
    tokens: tuple[tokenize.TokenInfo, ...]

    @property
    def name(self) -> str:
        """The module's name, without `.py`."""
        return self.file.removesuffix(".py")


@dataclass(frozen=True)
class Submission:
    """What there is to judge.

    Attributes:
        files: names of all modules that the stage asks for.
        modules: those that could be read, in the same order.
        unreadable: one finding for each of the others.
        beside: text of the files that stand beside them (given ones, earlier stages), by name.
    """

    files: tuple[str, ...]
    modules: tuple[Module, ...]
    unreadable: tuple[Finding, ...]
    beside: Mapping[str, str]

    def raw_files(self) -> dict[str, str]:
        """Text of every file that can be read, by name."""
        return {**self.beside, **{module.file: module.text for module in self.modules}}


def read_submission(files: Sequence[str], given: Sequence[str], package: Path) -> Submission:
    """Read the modules named in `files`, and what stands beside them, from one directory.

    Raises:
        CheckerFault: a given file is missing or unreadable, which is the grader's to put there.
    """
    modules, unreadable = [], []
    for file in files:
        try:
            modules.append(parse_module(file, _read(package / file)))
        except Unreadable as error:
            fix = "" if error.code == "missing" else "until it is mended, it is graded as empty"
            unreadable.append(Finding(file, error.line, error.code, str(error), fix))
    beside = {}
    for path in sorted(package.glob("*.py")):
        if path.name not in files:
            with suppress(Unreadable):
                beside[path.name] = _read(path)
    lost = sorted(set(given) - set(beside))
    if lost:
        raise CheckerFault(f"the grader did not put the given files {', '.join(lost)} in place")
    return Submission(tuple(files), tuple(modules), tuple(unreadable), beside)


def parse_module(file: str, text: str) -> Module:
    """Parse one module as the oldest supported Python.

    Raises:
        Unreadable: it is not Python, or nothing that checkers could take.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, file, feature_version=OLDEST_PYTHON)
            _check_depth(tree)
            compile(tree, file, "exec", dont_inherit=True)
        tokens = tuple(tokenize.generate_tokens(io.StringIO(text).readline))
    except SyntaxError as error:
        raise Unreadable(error.lineno or 0, "syntax", error.msg or "not Python") from None
    except (ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise Unreadable(0, "syntax", f"cannot be parsed ({type(error).__name__})") from None
    return Module(file, text, tree, tokens)


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Lines from `def` or `class` to the end, the docstring left out."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node, clean=False) is not None:
        first = node.body[0]
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def _read(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise Unreadable(0, "missing", "is not there")
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Unreadable(0, "size", f"is larger than {MOST_BYTES // 1024} KiB")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(0, "missing", f"cannot be opened ({error.strerror})") from None
    except (SyntaxError, UnicodeDecodeError):
        raise Unreadable(0, "encoding", "is not UTF-8") from None
    if encoding not in ("utf-8", "utf-8-sig"):
        raise Unreadable(1, "encoding", f"declares the encoding {encoding}, not UTF-8")
    if "\r" in text.replace("\r\n", ""):
        raise Unreadable(0, "syntax", "holds a carriage return that ends no line")
    return text


def _check_depth(tree: ast.Module) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(MOST_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        chains = [node for node in level if _operands(node) > MOST_DEPTH]
        if chains or not level:
            level = chains
            break
    if level:
        line = next((found for node in level if (found := getattr(node, "lineno", 0))), 0)
        raise Unreadable(line, "syntax", "is nested too deeply to be checked")


def _operands(node: ast.AST) -> int:
    """Operands of a chain such as `a and b and c`, which some checkers take as nested."""
    if isinstance(node, ast.BoolOp):
        return len(node.values)
    return len(node.comparators) if isinstance(node, ast.Compare) else 0
