"""The doctor's report and its two renderings. Both are pure, and the text is plain ASCII."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict, dataclass

from autograder.doctor.finding import Finding
from autograder.doctor.stages import StageVerdict

SCHEMA = "pagedlab.doctor/1"
_WIDTH = 80


@dataclass(frozen=True)
class Report:
    """All findings, and what they mean for the stages of this tree."""

    findings: tuple[Finding, ...]
    stages: tuple[StageVerdict, ...]

    @property
    def first_stage_gradable(self) -> bool:
        """Whether stage 1 can be graded here; the doctor's exit status rests on it."""
        return any(stage.id == 1 and stage.gradable for stage in self.stages)


def as_text(report: Report) -> str:
    """Returns the report as aligned text, at most 80 columns where words allow."""
    wide = max((len(finding.name) for finding in report.findings), default=0)
    lines = ["What this machine has"]
    for finding in report.findings:
        head = f"  {finding.status.upper() if finding.status == 'fail' else finding.status:<4}  "
        indent = " " * (len(head) + wide + 2)
        lines += _wrapped(f"{head}{finding.name:<{wide}}  ", finding.says, indent)
        if finding.do:
            lines += _wrapped(f"{indent}-> ", finding.do, indent + "   ")
    lines += ["", "What can be graded here"]
    for stage in report.stages:
        verdict = "yes" if stage.gradable else f"no, see above: {', '.join(stage.blockers)}"
        lines += _wrapped(f"  stage {stage.id}  ", f"{stage.name}: {verdict}", " " * 11)
    if not report.stages:
        lines.append("  nothing: no stage was found")
    return "\n".join(lines) + "\n"


def _wrapped(first: str, text: str, rest: str) -> list[str]:
    shown = text.encode("ascii", "backslashreplace").decode("ascii")
    return textwrap.wrap(
        shown, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False
    ) or [first.rstrip()]


def as_json(report: Report) -> str:
    """Returns the report as one JSON document, in ASCII."""
    stages = [
        {"id": stage.id, "name": stage.name, "gradable": stage.gradable, "blockers": stage.blockers}
        for stage in report.stages
    ]
    document = {
        "schema": SCHEMA,
        "first_stage_gradable": report.first_stage_gradable,
        "findings": [asdict(finding) for finding in report.findings],
        "stages": stages,
    }
    return json.dumps(document, indent=2) + "\n"
