"""Stage 7: news of a request."""

from __future__ import annotations

import pytest

from pagedlab.output_processor import make_output
from pagedlab.request import Request, RequestStatus


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (RequestStatus.RUNNING, None),
        (RequestStatus.FINISHED_STOPPED, "stop"),
        (RequestStatus.FINISHED_LENGTH_CAPPED, "length"),
        (RequestStatus.FINISHED_ABORTED, "abort"),
    ],
)
def test_the_reason_is_that_of_the_status(status: RequestStatus, reason: str | None) -> None:
    output = make_output(Request("a", [1], status=status), [4])
    assert (output.finished, output.finish_reason) == (reason is not None, reason)


def test_an_output_holds_new_tokens_and_the_requests_numbers() -> None:
    request = Request("a", [1, 2, 3], num_cached_tokens=2, num_preemptions=5)
    request.append_output_token_ids([7, 8])
    output = make_output(request, [8])
    assert output.new_token_ids == (8,)
    assert (output.num_prompt_tokens, output.num_cached_tokens, output.num_preemptions) == (3, 2, 5)
