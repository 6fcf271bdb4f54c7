"""What students read, letter for letter. GOLDEN=rewrite writes the files anew: read the diff."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.report.glyphs import ASCII, Style
from autograder.report.terminal import render
from tests.report.bench import RUNS

GOLDEN = Path(__file__).parent / "golden"
REWRITE = os.environ.get("GOLDEN") == "rewrite"
CASES = {
    **{name: (name, Style(), False) for name in RUNS},
    "half_finished_all": ("half_finished", Style(), True),
    "half_finished_ascii": ("half_finished", Style(ASCII), False),
}


@pytest.mark.parametrize("case", CASES)
def test_the_report_reads_as_it_did(case: str) -> None:
    name, style, everything = CASES[case]
    text = "\n".join(render(RUNS[name](), style, everything)) + "\n"
    file = GOLDEN / f"{case}.txt"
    if REWRITE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_is_of_a_case() -> None:
    assert sorted(file.stem for file in GOLDEN.iterdir()) == sorted(CASES)
