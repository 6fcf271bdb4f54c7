"""Outputs out of a table of reasons."""

from __future__ import annotations

from collections.abc import Sequence

from pagedlab.outputs import FinishReason, RequestOutput
from pagedlab.request import Request


def make_output(request: Request, new_token_ids: Sequence[int]) -> RequestOutput:
    """News of a request."""
    reasons: dict[str, FinishReason] = {
        "FINISHED_STOPPED": "stop",
        "FINISHED_LENGTH_CAPPED": "length",
        "FINISHED_ABORTED": "abort",
    }
    reason = reasons.get(request.status.name)
    counts = (request.num_prompt_tokens, request.num_cached_tokens, request.num_preemptions)
    return RequestOutput(
        request.request_id, tuple(new_token_ids), reason is not None, reason, *counts
    )
