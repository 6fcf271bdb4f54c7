"""The check "docstrings": they agree with the signatures, and state errors and units."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from autograder.quality.api import Definition, Item, asked_of, definitions, locate
from autograder.quality.findings import CheckerFault, Finding, Grade
from autograder.quality.modules import Submission, code_lines
from autograder.quality.tools import Finished

COMMANDS = (".venv/bin/pydoclint --config autograder/quality/config/pydoclint.toml pagedlab",)
Violations = Mapping[tuple[str, int], Sequence[Finding]]
"""By file and line."""
FEWEST_WORDS = 4
WORD, NAME_PART = re.compile(r"\w+"), re.compile(r"[^\W_]+")
LONG_HELPER = 10
VIOLATION = re.compile(r"^(?P<path>\S+\.py):(?P<line>\d+): (?P<code>DOC\d+): (?P<message>.*)$")
WORDY = re.compile(
    r" Docstring arguments are different from function arguments\."
    r"( \(Or could be other formatting issues: \S+ \)\.?)?"
)
NO_RETURNS, ARGUMENTS_DIFFER = "DOC201", "DOC103"
FIXES = {
    NO_RETURNS: "say under Returns: what comes back",
    ARGUMENTS_DIFFER: "name exactly the arguments, under Args:",
    "DOC104": "keep the order of the signature",
    "DOC202": "take out Returns:",
}
IMPLIED = ("DOC101", "DOC102", "DOC105")
"""Said again, better, by DOC103 and DOC104."""
UNTRUE = ("DOC104", "DOC202", "DOC403")
"""What a docstring may not get wrong even where nobody asked for it."""
NOT_AN_ARGUMENT = "Arguments in the docstring but not in the function signature"


def read_pydoclint(finished: Finished) -> list[Finding]:
    """Violations that pydoclint reports.

    Raises:
        CheckerFault: pydoclint broke down.
    """
    found = []
    for line in finished.errors.splitlines():
        match = VIOLATION.match(line)
        if match:
            file = match["path"].rpartition("/")[2]
            message = WORDY.sub("", match["message"])
            fix = FIXES.get(match["code"], "")
            found.append(Finding(file, int(match["line"]), match["code"], message, fix))
    if finished.code not in (0, 1) or bool(finished.code) != bool(found):
        raise CheckerFault(f"pydoclint broke down: {finished.reason()}")
    return found


def grade_docstrings(
    submission: Submission, items: Sequence[Item], violations: Sequence[Finding]
) -> Grade:
    """The share is the part of the documented definitions whose docstring has no finding.

    Judged are all functions, methods and classes that the starter declares, and what a student
    adds: public ones, and private ones of more than ten lines. Each needs a docstring of its own
    of more than three words, those of its name not counted. One of the starter documents exactly
    its arguments and what it returns (the summary will do for a function without arguments), and
    names the errors and the unit of its contract. An added one may be brief, but not untrue.
    """
    asked = asked_of(items, submission.modules)
    places = {item: locate(item, submission.modules) for item in asked}
    lost = {finding.file for finding in submission.unreadable}
    texts = shared_texts(
        (place.name, _text(place)) for m in submission.modules for place in definitions(m)
    )
    at: dict[tuple[str, int], list[Finding]] = {}
    for violation in violations:
        at.setdefault((violation.file, violation.line), []).append(violation)
    clean, findings = 0, list(submission.unreadable)
    for item, found in places.items():
        trouble = list(_of_item(item, found, at, texts))
        clean += not trouble
        findings += trouble if found or item.file not in lost else []
    named = {place for found in places.values() for place in found}
    added = [
        place
        for module in submission.modules
        for place in definitions(module)
        if place not in named and _needs_docstring(place)
    ]
    for place in added:
        trouble = list(_of_added(place, at, texts))
        clean += not trouble
        findings += trouble
    judged = len(asked) + len(added)
    return Grade(
        share=Fraction(clean, judged or 1),
        summary=f"{clean} of {judged} docstrings are complete and agree with the code",
        findings=tuple(findings),
        commands=COMMANDS,
    )


def shared_texts(told: Iterable[tuple[str, str]]) -> Counter[str]:
    """How many definitions of different names have each docstring.

    Two files may each have a `_check` that promises the same, where neither may import the other.
    """
    return Counter(text for _, text in set(told) if text)


def _of_item(
    item: Item, found: Sequence[Definition], violations: Violations, texts: Counter[str]
) -> Iterator[Finding]:
    """What is wrong with a docstring of the starter; where it says nothing, that alone."""
    if not found:
        fix = "keep the starter's API and its docstrings"
        yield Finding(item.file, 0, "missing", f"{item.name} is not there", fix)
        return
    poor = list(_own_words(found, texts))
    if poor:
        yield from poor
        return
    for violation in _within(found, violations):
        implied = violation.code in IMPLIED
        in_summary = violation.code == NO_RETURNS and not _takes_arguments(found[0].node)
        if not implied and not in_summary:
            yield violation
    text = "\n".join(_text(place) for place in found)
    first = found[0]
    for error in item.errors:
        if not re.search(rf"\b{error}\b", text):
            message, fix = f"{item.name} does not say that it raises {error}", "add it to Raises:"
            yield Finding(first.file, first.node.lineno, "raises", message, fix)
    if item.words and not any(word in text.lower() for word in item.words):
        message = f"{item.name} does not say what it counts in"
        fix = f"name the unit: {' or '.join(item.words)}"
        yield Finding(first.file, first.node.lineno, "units", message, fix)


def _of_added(place: Definition, violations: Violations, texts: Counter[str]) -> Iterator[Finding]:
    """What is wrong with the docstring of something that the student added."""
    yield from _own_words([place], texts)
    for violation in _within([place], violations):
        untrue = violation.code == ARGUMENTS_DIFFER and NOT_AN_ARGUMENT in violation.message
        if untrue or violation.code in UNTRUE:
            yield violation


def _own_words(found: Sequence[Definition], texts: Counter[str]) -> Iterator[Finding]:
    place = found[0]
    text = "\n".join(filter(None, map(_text, found)))
    said = set(WORD.findall(text.lower())) - set(NAME_PART.findall(place.name.lower()))
    if len(said) < FEWEST_WORDS:
        message = f"{place.name} says less than {FEWEST_WORDS} words beyond its name"
        fix = "say what it promises, not how it works"
        yield Finding(place.file, place.node.lineno, "docstring", message, fix)
    elif texts[text] > 1:
        message = f"{place.name} has the docstring of another definition"
        yield Finding(place.file, place.node.lineno, "docstring", message, "give it its own")


def _within(found: Sequence[Definition], violations: Violations) -> Iterator[Finding]:
    """Violations reported on these definitions themselves: pydoclint gives the line of `def`."""
    for place in found:
        for line in range(place.lines.start, place.node.lineno + 1):
            yield from violations.get((place.file, line), ())


def _needs_docstring(place: Definition) -> bool:
    names = place.name.split(".")
    if any("overload" in ast.unparse(one) for one in place.node.decorator_list):
        return False
    if any(ast.unparse(one).endswith(".setter") for one in place.node.decorator_list):
        return False
    private = any(name.startswith("_") for name in names)
    return not private or code_lines(place.node) > LONG_HELPER


def _takes_arguments(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    every = node.args
    names = [argument.arg for argument in (*every.posonlyargs, *every.args, *every.kwonlyargs)]
    return bool(set(names) - {"self", "cls"} or every.vararg or every.kwarg)


def _text(place: Definition) -> str:
    return ast.get_docstring(place.node) or ""
