"""One document a student: Gradescope's results.json, Classroom 50's result.json, JUnit's XML."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from autograder.batch.exports.filling import ExportError
from autograder.batch.scores.grade import Grade
from autograder.batch.student_report import remarks
from autograder.publish.gradescope import results
from autograder.publish.of_run import report_of
from autograder.report.classroom50 import IDENTITY, SCHEMA, document, entries_of
from autograder.report.run import Run
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore

MOST_BYTES = 8 << 20
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def gradescope(grade: Grade) -> dict[str, Any]:
    """Gradescope's `results.json` (its docs, specs.md). Hidden rules show after publication.

    The score is the final grade; the tests show how the raw points came about.
    """
    report = report_of(_run(grade), remarks(grade))
    return {**results(report), "score": float(_final(grade))}


def classroom50(grade: Grade, identity: Mapping[str, str]) -> dict[str, Any]:
    """Classroom 50's `result.json`, with the final grade as its score.

    The tests' scores show how the raw points came about: lateness and adjustments are not in them.

    Args:
        grade: a final one.
        identity: whose result it is, of what: `identity_in` reads it from the download.
    """
    run = _run(grade)
    most = run.maximum * 100
    return dict(document(identity, min(most, int(_final(grade) * 100)), most, entries_of(run)))


def identity_in(clone: Path) -> dict[str, str]:
    """Whose result a downloaded clone's `result.json` is.

    Raises:
        ExportError: it is not there, or is none.
    """
    file = clone / "result.json"
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            raise ValueError("a link, or too large")
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"its schema is {data['schema']!r}")
        identity = {name: data[name] for name in IDENTITY}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExportError(f"{file}: is no result that Classroom 50 published ({error})") from None
    if not all(isinstance(one, str) and one for one in identity.values()):
        raise ExportError(f"{file}: does not say whose result it is")
    return identity


def junit(grades: Collection[Grade]) -> bytes:
    """JUnit's XML: a suite for each student, a case for each rule. Nobody's name is in it."""
    top = ElementTree.Element("testsuites")
    for grade in grades:
        suite = ElementTree.SubElement(top, "testsuite", name=_xml(grade.state.row.key))
        run = grade.state.run
        if run is None:
            case = ElementTree.SubElement(suite, "testcase", name="grading")
            kind = "skipped" if grade.state.status.value == "none" else "error"
            ElementTree.SubElement(case, kind, message=_xml(grade.state.reason))
            continue
        for one in run.rules():
            if one.maximum:
                _case(suite, one)
    for suite in top:
        cases = list(suite)
        suite.set("tests", str(len(cases)))
        for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    ElementTree.indent(top)
    return f"{HEAD}{ElementTree.tostring(top, encoding='unicode')}\n".encode()


def _case(suite: ElementTree.Element, one: RuleScore) -> None:
    rule = one.rule
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"stage{rule.stage}.{rule.axis.value}",
        name=f"{rule.id} {rule.title}",
        time=f"{one.seconds:.3f}",
    )
    said = _xml(one.cause.summary) if one.cause else one.status.value
    if one.status is Status.ERROR:
        ElementTree.SubElement(case, "error", message=said)
    elif one.status in (Status.SKIPPED, Status.BLOCKED, Status.NOT_ATTEMPTED):
        ElementTree.SubElement(case, "skipped", message=said)
    elif one.status is not Status.PASS:
        ElementTree.SubElement(case, "failure", message=said)


def _run(grade: Grade) -> Run:
    assert grade.state.run is not None and grade.final is not None, "there is a grade"
    return grade.state.run


def _final(grade: Grade) -> Decimal:
    assert grade.final is not None
    return grade.final


def _xml(text: str) -> str:
    """Text without the characters that XML has not."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
