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
        # BEGIN SOLUTION
        self._vocab_size = vocab_size
        self._max_model_len = max_model_len
        self._num_slots = num_slots
        # END SOLUTION

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
        # BEGIN SOLUTION
        prompt = list(prompt_token_ids)
        if not 0 < len(prompt) < self._max_model_len:
            raise ValueError(
                f"a prompt has 1 to {self._max_model_len - 1} tokens, not {len(prompt)}"
            )
        if not all(type(token) is int and 0 <= token < self._vocab_size for token in prompt):
            raise ValueError(f"tokens of a prompt are numbers from 0 to {self._vocab_size - 1}")
        max_tokens = min(params.max_tokens, self._max_model_len - len(prompt))
        longest = len(prompt) + max_tokens - 1
        if longest > self._num_slots:
            raise ValueError(
                f"{len(prompt)} tokens and {max_tokens} to generate may need {longest} slots: the"
                f" KV cache has {self._num_slots}"
            )
        return Request(
            request_id, prompt, max_tokens=max_tokens, stop_token_ids=params.stop_token_ids
        )
        # END SOLUTION
