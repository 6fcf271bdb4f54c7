"""One document a student: Gradescope's results.json, Classroom 50's result.json, JUnit's XML."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from autograder.batch.scores.grade import Grade
from autograder.batch.student_report import remarks
from autograder.publish.gradescope import results
from autograder.publish.of_run import report_of, shown
from autograder.report.run import Run
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore

CLASSROOM50 = "classroom50/result/v1"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def gradescope(grade: Grade) -> dict[str, Any]:
    """Gradescope's `results.json` (its docs, specs.md). Hidden rules show after publication.

    The score is the final grade; the tests show how the raw points came about.
    """
    report = report_of(_run(grade), remarks(grade))
    return {**results(report), "score": float(_final(grade))}


def classroom50(grade: Grade, classroom: str, assignment: str) -> dict[str, Any]:
    """Classroom 50's `result.json`: integers only, so everything is in hundredths of a point.

    The tests' scores add up to the raw points. `datetime` is the submission's recorded instant,
    which a regrade does not change.
    """
    run, entry = _run(grade), grade.state.row.entry
    assert entry is not None, "what has a score was handed in"
    rules = [one for one in run.rules() if one.maximum]
    points = whole_shares([one.points for one in rules], int(run.score * 100))
    most = whole_shares([one.maximum for one in rules], int(run.visible * 100))
    return {
        "schema": CLASSROOM50,
        "classroom": classroom,
        "assignment": assignment,
        "submission": entry.key,
        "commit": "",
        "release": "",
        "review": "",
        "datetime": entry.submitted_at,
        "score": int(_final(grade) * 100),
        "max-score": run.maximum * 100,
        "tests": [
            {
                "test-name": shown(one, number),
                "passed": one.status is Status.PASS,
                "score": score,
                "max-score": maximum,
            }
            for number, (one, score, maximum) in enumerate(zip(rules, points, most, strict=True), 1)
        ],
    }


def whole_shares(parts: Sequence[Any], total: int) -> list[int]:
    """Hundredths of each part as integers that add up to the total (largest remainders)."""
    exact = [part * 100 for part in parts]
    whole = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda number: whole[number] - exact[number])
    for number in order[: max(0, total - sum(whole))]:
        whole[number] += 1
    return whole


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
