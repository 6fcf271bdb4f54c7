"""Stage 7. Your own tests of outputs. They are graded, too (handout, task 9)."""

from __future__ import annotations

from pagedlab.output_processor import make_output
from pagedlab.request import Request


def test_a_request_that_goes_on_has_no_reason() -> None:
    assert make_output(Request("a", [1]), [2]).finish_reason is None


# Write yours below.
