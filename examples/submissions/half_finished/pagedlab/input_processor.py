"""Stage 7. Admission: what is asked for is checked before any other part hears of it.

Read next in vLLM: `vllm/v1/engine/input_processor.py` (`InputProcessor.process_inputs`).
Simplified here: tokens in place of text.
"""

from __future__ import annotations

from collections.abc import Sequence

from pagedlab.request import Request
from pagedlab.sampling_params import SamplingParams


class InputProcessor:
    """Knows the limits of one engine. Keeps nothing of any request.

    Example:
        >>> processor = InputProcessor(vocab_size=64, max_model_len=8, num_slots=8)
        >>> processor.process_inputs("a", [3, 1, 2], SamplingParams(max_tokens=99)).max_tokens
        5
    """

    def __init__(self, vocab_size: int, max_model_len: int, num_slots: int) -> None:
        """Note the limits.

        Args:
            vocab_size: of the model; its tokens are 0 ... vocab_size - 1.
            max_model_len: most tokens of a request, prompt and generated.
            num_slots: tokens whose KV the whole cache holds.
        """
        raise NotImplementedError("Stage 7 · InputProcessor.__init__ is not written yet")

    def process_inputs(
        self, request_id: str, prompt_token_ids: Sequence[int], params: SamplingParams
    ) -> Request:
        """Make a request that can be served.

        It ends with `params.max_tokens` generated tokens, or with `max_model_len` tokens in all.

        Args:
            request_id: names it.
            prompt_token_ids: the prompt; copied.
            params: what is asked for.

        Returns:
            The request.

        Raises:
            ValueError: the prompt is empty, leaves no position for a token or holds what is no
                token of the model, or the request could outgrow the cache: all its tokens but the
                last need a slot. One line says which, fit for whoever sent it.
        """
        raise NotImplementedError("Stage 7 · InputProcessor.process_inputs is not written yet")
