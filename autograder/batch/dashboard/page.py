"""dashboard.html: one file, no request, and no name unless it is asked for.

Its only script sorts and filters; the page's policy names it by its hash, so nothing else can run.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from autograder.batch.dashboard import sections
from autograder.batch.dashboard.drawing import key
from autograder.batch.dashboard.statistics import items_of, stages_of
from autograder.batch.run.state import counts
from autograder.batch.scores.costs import taken
from autograder.batch.scores.difference import Change
from autograder.batch.scores.grade import Grade
from autograder.report.run import Run
from autograder.report.style import STYLE
from autograder.scoring.kept import digest_of

HERE = Path(__file__).parent
PAGE = Template((HERE / "page.html").read_text(encoding="utf-8"))
SCRIPT = (HERE / "page.js").read_text(encoding="utf-8")


def pseudonyms(keys: Collection[str], seed: int) -> dict[str, str]:
    """A name for each student that says nothing of them, the same in each page of a run."""
    order = sorted(keys, key=lambda key: digest_of(["pseudonym", str(seed), key]))
    return {key: f"S{number:03}" for number, key in enumerate(order, 1)}


def page(
    title: str,
    grades: Sequence[Grade],
    names: Mapping[str, str],
    changes: Sequence[Change] | None,
    pairs: Sequence[Mapping[str, str]] | None = None,
    reasons: bool = False,
) -> str:
    """The page.

    Args:
        title: of the course.
        grades: of the class.
        names: what each student's key is shown as. Whoever is not in it is not shown.
        changes: against the tables before; None if there are none.
        pairs: rows of similar.csv, with names as they are to be shown; None if it was not written.
        reasons: say why who needs attention. Reasons may name people.
    """
    graded = [grade for grade in grades if grade.state.run and grade.final is not None]
    runs = [grade.state.run for grade in graded if grade.state.run]
    items = items_of(runs)
    return PAGE.substitute(
        title=escape(f"{title}: the class"),
        hash=f"sha256-{_hash(SCRIPT)}",
        style=STYLE,
        counts=_counts(grades),
        provenance=_provenance(runs),
        scores=sections.scores(graded),
        firsts=sections.firsts(items),
        stages=sections.stages(stages_of(runs)),
        options=sections.options(items),
        items="\n".join(map(sections.item, items)),
        key=key(),
        heat=sections.heat(graded, names),
        attention=sections.attention(grades, names, reasons),
        changes=sections.changes(changes, names),
        alike=sections.alike(pairs),
        costs=sections.costs(taken(grades)),
        script=SCRIPT,
    )


def _counts(grades: Sequence[Grade]) -> str:
    late = sum(grade.late.days > 0 for grade in grades)
    odd = sum(bool(grade.attention) for grade in grades)
    figures: dict[str, int] = {"students": len(grades)}
    figures |= {str(status): n for status, n in counts([one.state for one in grades]).items()}
    figures |= {"late": late, "need attention": odd}
    return "".join(f"<li><b>{n}</b> {escape(text)}</li>" for text, n in figures.items())


def _provenance(runs: Sequence[Run]) -> str:
    if not runs:
        return "nobody is graded"
    suites = Counter(f"{run.header.suite} ({run.header.suite_hash[:8]})" for run in runs)
    isolation = Counter(run.header.isolation for run in runs)
    shown = ", ".join(f"suite {escape(suite)}: {count}" for suite, count in suites.items())
    return f"{shown}<br>isolation: {escape('; '.join(isolation))}"


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
