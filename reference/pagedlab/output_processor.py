"""Stage 7. News of a request, made for whoever waits for it.

Read next in vLLM: `vllm/v1/engine/output_processor.py` (`OutputProcessor.process_outputs`).
Simplified here: tokens in place of text.
"""

from __future__ import annotations

from collections.abc import Sequence

from pagedlab.outputs import FinishReason, RequestOutput
from pagedlab.request import Request, RequestStatus


def make_output(request: Request, new_token_ids: Sequence[int]) -> RequestOutput:
    """Make an output of a request as it stands now. Changes nothing.

    Example:
        >>> request = Request("a", [1, 2], status=RequestStatus.FINISHED_STOPPED)
        >>> make_output(request, [7]).finish_reason
        'stop'

    Args:
        request: its status says whether it has ended, and why.
        new_token_ids: tokens that it got since its last output; copied.

    Returns:
        The output. Its reason is "stop", "length" or "abort"; None if the request goes on.
    """
    # BEGIN SOLUTION
    reason = _finish_reason(request)
    return RequestOutput(
        request.request_id,
        tuple(new_token_ids),
        finished=reason is not None,
        finish_reason=reason,
        num_prompt_tokens=request.num_prompt_tokens,
        num_cached_tokens=request.num_cached_tokens,
        num_preemptions=request.num_preemptions,
    )
    # END SOLUTION


# BEGIN SOLUTION
def _finish_reason(request: Request) -> FinishReason | None:
    match request.status:
        case RequestStatus.FINISHED_STOPPED:
            return "stop"
        case RequestStatus.FINISHED_LENGTH_CAPPED:
            return "length"
        case RequestStatus.FINISHED_ABORTED:
            return "abort"
        case _:
            return None


# END SOLUTION
