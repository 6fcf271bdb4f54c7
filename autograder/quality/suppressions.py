"""Comments and calls that silence a checker: found, counted, and taken out where they may not act.

A submission may use three. `# type: ignore` and `# fmt: skip` behind a line, a region of at most
twenty lines between `# fmt: off` and `# fmt: on`, `# isort: split`, `cast(...)`, `@no_type_check`
and code under `if TYPE_CHECKING:` then do what they say. All other comments of this kind are
counted and have no effect, and over the budget no comment has.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.quality.findings import Finding
from autograder.quality.modules import Module

COMMENT = re.compile(
    r"[#;]\s*(?P<what>type:\s*ignore|noqa|nopep8|fmt:\s*off|fmt:\s*skip|yapf:\s*disable"
    r"|isort:\s*\w+|(?:ruff|flake8|mypy|pylint|pyright|pydoclint):)",
    re.IGNORECASE,
)
FORMAT_ON = re.compile(r"[#;]\s*fmt:\s*on", re.IGNORECASE)
REGION_LINES = 20
TYPING = ("typing", "typing_extensions")
SILENT_NAMES = ("cast", "no_type_check")


@dataclass(frozen=True)
class Suppression:
    """One place that silences a checker.

    Attributes:
        what: the words that do it.
        column: where they begin in a comment; -1 for code.
        acts: whether it may do its work while the submission is within its budget.
    """

    line: int
    what: str
    column: int
    acts: bool


def find_suppressions(module: Module) -> list[Suppression]:
    """Every suppression in a module, in no particular order."""
    return [*_in_comments(module), *_in_code(module.tree)]


def over_budget(modules: Sequence[Module], budget: int) -> list[Finding]:
    """A finding for each suppression, if all modules together hold more than `budget`."""
    found = [(module.file, place) for module in modules for place in find_suppressions(module)]
    if len(found) <= budget:
        return []
    fix = f"mend what it silences; {budget} are allowed in all, and these are {len(found)}"
    return [
        Finding(file, place.line, "suppression", f"silences a checker: {place.what}", fix)
        for file, place in found
    ]


def defused(module: Module, all_of_them: bool) -> str:
    """The module's text with suppressing comments overwritten, every column kept in place.

    Args:
        module: the module to copy; it is left unchanged.
        all_of_them: whether those that may act go too.
    """
    lines = module.text.split("\n")
    for place in find_suppressions(module):
        if place.column >= 0 and (all_of_them or not place.acts):
            line, end = lines[place.line - 1], place.column + len(place.what)
            blank = re.sub(r"\w", "x", place.what)
            lines[place.line - 1] = line[: place.column] + blank + line[end:]
    return "\n".join(lines)


def _in_comments(module: Module) -> Iterator[Suppression]:
    comments = [token for token in module.tokens if token.type == tokenize.COMMENT]
    on_again = [token.start[0] for token in comments if FORMAT_ON.search(token.string)]
    code_begins = module.tree.body[0].lineno if module.tree.body else 0
    for token in comments:
        line, column = token.start
        for match in COMMENT.finditer(token.string):
            what = match["what"]
            verb = re.sub(r"\s", "", what.lower())
            if verb == "fmt:off":
                acts = any(line < end <= line + REGION_LINES for end in on_again)
            else:
                acts = verb in ("fmt:skip", "isort:split")
                acts = acts or (verb == "type:ignore" and line >= code_begins)
            yield Suppression(line, what, column + match.start("what"), acts)


def _in_code(tree: ast.Module) -> Iterator[Suppression]:
    names, modules = _imported_from_typing(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            yield Suppression(node.lineno, names[node.id], -1, True)
        elif isinstance(node, ast.Attribute) and node.attr in SILENT_NAMES:
            if isinstance(node.value, ast.Name) and node.value.id in modules:
                yield Suppression(node.lineno, node.attr, -1, True)
        elif isinstance(node, ast.If) and _hides_code(node):
            yield Suppression(node.lineno, "if TYPE_CHECKING", -1, True)


def _imported_from_typing(tree: ast.Module) -> tuple[dict[str, str], set[str]]:
    """Local names of what silences mypy, and local names of the typing modules."""
    names, modules = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in TYPING:
            found = [alias for alias in node.names if alias.name in SILENT_NAMES]
            names.update({alias.asname or alias.name: alias.name for alias in found})
        elif isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name for alias in node.names if alias.name in TYPING}
    return names, modules


def _hides_code(node: ast.If) -> bool:
    test = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(node.test)}
    harmless = (ast.Import, ast.ImportFrom, ast.Pass)
    return bool(test & {"TYPE_CHECKING", "MYPY"}) and not all(
        isinstance(statement, harmless) for statement in (*node.body, *node.orelse)
    )
