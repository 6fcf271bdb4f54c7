"""Stage 7. News of a request, made for whoever waits for it.

Read next in vLLM: `vllm/v1/engine/output_processor.py` (`OutputProcessor.process_outputs`).
Simplified here: tokens in place of text.
"""

from __future__ import annotations

from collections.abc import Sequence

from pagedlab.outputs import RequestOutput
from pagedlab.request import Request


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
    raise NotImplementedError("Stage 7 · make_output is not written yet")
