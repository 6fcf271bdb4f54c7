"""The stripper: what it refuses, and how it says so."""

from __future__ import annotations

import pytest

from autograder.source.regions import StripError
from autograder.source.strip import strip

FUNCTION = "def f() -> None:\n"
BEGIN, END = "# BEGIN SOLUTION\n", "# END SOLUTION\n"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (BEGIN + "x = 1\n" + BEGIN + END, ":3: a region in the one of line 1: end that one"),
        ("x = 1\n" + BEGIN + "y = 1\n", ":2: BEGIN without END: add '# END SOLUTION'"),
        ("x = 1\n" + END, ":2: END without BEGIN: add '# BEGIN SOLUTION' or remove this marker"),
        (
            FUNCTION + "    " + BEGIN + "    x = 1\n" + END,
            ":4: indented by 0, its BEGIN on line 2 by 4: indent both alike",
        ),
        (
            FUNCTION + BEGIN + "    x = 1\n" + END,
            ":2: indent the markers as the statements between them",
        ),
        ("x = 1  " + BEGIN, ":1: not a marker: write '# BEGIN SOLUTION' or"),
        ("#BEGIN SOLUTION\n", ":1: not a marker: write"),
        ("# begin solution\n", ":1: not a marker: write"),
        ('x = """\n' + BEGIN + '"""\n', ":2: not a marker: write"),
        ("x = 1\n" + BEGIN + "# y = 1\n" + END, ":2: no statement in the region: put whole"),
        ("x = (\n" + BEGIN + "    1\n" + END + ")\n", ":2: no statement in the region: put whole"),
        (
            "if x:\n    y = 1\n    " + BEGIN + "    z = 1\nu = (\n    1,\n    " + END + ")\n",
            ":3: the region cuts a statement: put whole statements into it",
        ),
        (
            "x = 1\n" + BEGIN + "y = (\n" + END + "    1\n)\n",
            ":2: the region cuts a statement: put whole statements into it",
        ),
        (
            FUNCTION + "    " + BEGIN + '    """Doc."""\n    x = 1\n    ' + END,
            ":2: the docstring is in the region: begin the region after it",
        ),
        (
            "class A:\n    " + BEGIN + "    x = 1\n    " + END,
            ":2: nothing would be left of the block: keep a statement outside",
        ),
        (
            "if x:\n    " + BEGIN + "    y = 1\n    " + END + "    " + BEGIN + "    z\n    " + END,
            ":2: without its regions the module is not valid Python",
        ),
        ("def f(:\n", ":1: not valid Python"),
    ],
)
def test_markers_that_are_not_clear_are_refused(body: str, error: str) -> None:
    with pytest.raises(StripError) as caught:
        strip(body, "m.py", stage=1)
    assert f"m.py{error}" in str(caught.value)
    assert "\n" not in str(caught.value)
