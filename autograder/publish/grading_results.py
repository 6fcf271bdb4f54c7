"""A report as otter's `GradingResults`, and back. Needs otter.

Each rule is one of otter's test files with one test case, named by the rule's id: points, maximum
and visibility have a place there, and `update_score` of another plugin works on a rule. What has
no place in otter travels as the data of our plugin (`BEYOND_OTTER`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from otter.run import AutograderConfig
from otter.test_files import GradingResults
from otter.test_files.abstract_test import TestCase, TestCaseResult, TestFile

from autograder.publish.gradescope import results as gradescope_results
from autograder.publish.report import Item, Report, from_json

PLUGIN = "autograder.publish.plugin.PagedLab"
BEYOND_OTTER = (
    "status: otter knows passed and not passed, not why",
    "undecided points: here neither earned nor possible",
    "stage, axis and group of a rule",
    "the total: cells are rounded, not rules",
    "seed, hashes and isolation of the run",
)
"""What otter's format has no place for; it is in the data of our plugin."""


class RuleFile(TestFile):  # type: ignore[misc]
    """One rule, decided elsewhere: otter has nothing to run."""

    def __init__(self, item: Item) -> None:
        points = 0.0 if item.undecided else item.maximum
        case = TestCase(
            name=item.shown if not item.visible else item.title,
            body="",
            hidden=not item.visible,
            points=points,
            success_message=None,
            failure_message=None,
        )
        super().__init__(item.id, f"rules/{item.id}", [case], all_or_nothing=False)
        passed = item.status == "pass"
        self.test_case_results = [TestCaseResult(case, item.text or item.status, passed)]
        self.update_score(item.points)

    def run(self, global_environment: dict[str, Any]) -> None:
        """Do nothing: it is decided."""

    @classmethod
    def from_file(cls, path: str) -> TestFile:
        """Raise: a rule is no file."""
        raise NotImplementedError(path)

    @classmethod
    def from_metadata(cls, s: Any, path: str) -> TestFile:
        """Raise: a rule is in no notebook."""
        raise NotImplementedError(path)


class RuleResults(GradingResults):  # type: ignore[misc]
    """Results whose total is the engine's, and whose Gradescope form is ours."""

    @property
    def total(self) -> float:
        """The engine's score, and what other plugins have changed since."""
        report = report_in(self)
        return round(report.score + sum(self.changed().values()) - _recorded(self, report), 2)

    @property
    def possible(self) -> float:
        """Whole points of the graded stages, less what is undecided."""
        report = report_in(self)
        return round(report.maximum - report.undecided, 2)

    def changed(self) -> dict[str, float]:
        """Points of the rules that another plugin has given other points than the engine did."""
        items = {item.id: item for item in report_in(self).items}
        return {
            name: file.score
            for name, file in self.results.items()
            if name in items and file.score != items[name].points
        }

    def to_gradescope_dict(self, ag_config: AutograderConfig) -> dict[str, Any]:
        """Gradescope's document, with what other plugins have said and hidden."""
        document = gradescope_results(report_in(self), self.changed())
        if self.output:
            document["output"] = "\n".join(filter(None, [self.output, document["output"]]))
        if self.all_hidden:
            tests = [{**test, "visibility": "hidden"} for test in document["tests"]]
            document |= {"tests": tests, "output": self.output or "", "leaderboard": []}
        return document


def fill(results: GradingResults, report: Report) -> None:
    """Make otter's results those of the engine, whatever stood in them."""
    results.clear_results()
    results.results = {item.id: RuleFile(item) for item in report.items}
    results._catastrophic_error = None
    results.set_plugin_data(PLUGIN, report.to_json())
    results.__class__ = RuleResults


def to_grading_results(report: Report) -> GradingResults:
    """New results with the report in them."""
    results = GradingResults([])
    fill(results, report)
    return results


def from_grading_results(results: GradingResults) -> Report:
    """The report that otter's results amount to now, with what other plugins have changed.

    Results that are not of our plugin give what otter knows: names, points, maxima, visibility,
    and whether all cases have passed.
    """
    if results.get_plugin_data(PLUGIN) is None:
        items = tuple(_foreign(file) for file in results.results.values())
        return Report(results.total, results.possible, 0.0, 0.0, {}, items)
    report = report_in(results)
    files = results.results
    items = tuple(replace(item, points=files[item.id].score) for item in report.items)
    return replace(report, score=results.total, items=items)


def _foreign(file: TestFile) -> Item:
    hidden = any(case.hidden for case in file.test_cases)
    return Item(
        id=file.name,
        stage=0,
        axis="",
        group="",
        title="; ".join(case.name for case in file.test_cases),
        shown=file.name,
        visible=not hidden,
        status="pass" if file.passed_all else "fail",
        points=file.score,
        maximum=file.possible,
        text="" if hidden else "\n".join(one.message or "" for one in file.test_case_results),
    )


def report_in(results: GradingResults) -> Report:
    """The report as the engine gave it.

    Raises:
        BadReport: the results are not of our plugin.
    """
    return from_json(results.get_plugin_data(PLUGIN))


def _recorded(results: RuleResults, report: Report) -> float:
    changed = results.changed()
    return sum(item.points for item in report.items if item.id in changed)
