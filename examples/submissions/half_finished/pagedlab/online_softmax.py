"""Stage 4. The online softmax: attention over keys that come in pieces.

What a kernel does tile by tile, in plain torch, where every step can be looked at. Read next in
vLLM: `kernel_unified_attention` in `vllm/v1/attention/ops/triton_unified_attention.py` for
`update`, and `merge_attn_states_kernel` in `triton_merge_attn_states.py` beside it for `merge`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class SoftmaxState:
    """What is known of each query row after some of its keys. All tensors are float32.

    Attributes:
        maximum: [rows], the largest score so far; -inf before the first key.
        total: [rows], the sum of exp(score - maximum) so far.
        weighted: [rows, head size], the sum of exp(score - maximum) x value so far.
    """

    maximum: torch.Tensor
    total: torch.Tensor
    weighted: torch.Tensor


def start(num_rows: int, head_size: int) -> SoftmaxState:
    """The state before the first key.

    Args:
        num_rows: query rows, each with a softmax of its own.
        head_size: elements of a value.

    Returns:
        -inf, zeros [rows] and zeros [rows, head size].
    """
    raise NotImplementedError("Stage 4 · start is not written yet")


def update(state: SoftmaxState, scores: torch.Tensor, values: torch.Tensor) -> SoftmaxState:
    """Take in one tile of keys. The old state stays as it is.

    Nothing here may overflow, however large the scores are, and a row may be masked as a whole.

    Args:
        state: after the keys before.
        scores: [rows, keys], scaled; -inf where the row may not see the key.
        values: [keys, head size], of these keys, any floating dtype.

    Returns:
        The state after these keys, too.
    """
    raise NotImplementedError("Stage 4 · update is not written yet")


def merge(one: SoftmaxState, other: SoftmaxState) -> SoftmaxState:
    """Put together what was found over two parts of the keys: the second pass of split-KV.

    Args:
        one: after some of the keys, perhaps none.
        other: after other keys, of the same rows.

    Returns:
        The state after all of them, in whichever order.
    """
    raise NotImplementedError("Stage 4 · merge is not written yet")


def finish(state: SoftmaxState) -> tuple[torch.Tensor, torch.Tensor]:
    """The attention output, and the number that a later merge would need.

    Example:
        >>> state = update(start(1, 1), torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0], [3.0]]))
        >>> finish(state)[0].tolist()
        [[2.0]]

    Args:
        state: after all keys.

    Returns:
        float32 [rows, head size], zeros for a row that saw no key; and the log-sum-exp of the
        scores, float32 [rows], -inf for such a row.
    """
    raise NotImplementedError("Stage 4 · finish is not written yet")
