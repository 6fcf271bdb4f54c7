"""The reference's own tests of stage 4, part one: the online softmax."""

from __future__ import annotations

import pytest
import torch

from pagedlab.online_softmax import SoftmaxState, finish, merge, start, update

INF = float("inf")


def exact(scores: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return (scores.double().softmax(1) @ values.double()).float()


def drawn(keys: int, factor: float = 3.0) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(keys)
    return factor * torch.randn(3, keys), torch.randn(keys, 4) + 1.5


def folded(scores: torch.Tensor, values: torch.Tensor, sizes: list[int]) -> SoftmaxState:
    state = start(len(scores), values.shape[1])
    for tile in zip(scores.split(sizes, 1), values.split(sizes), strict=True):
        state = update(state, *tile)
    return state


@pytest.mark.parametrize("factor", [3.0, 2000.0])
def test_tiles_give_the_softmax_over_all_keys(factor: float) -> None:
    scores, values = drawn(9, factor)
    scores += torch.arange(9.0) * factor
    out, lse = finish(folded(scores, values, [2, 3, 4]))
    torch.testing.assert_close(out, exact(scores, values))
    torch.testing.assert_close(lse, scores.logsumexp(1))


@pytest.mark.parametrize("shift", [-5.0, 5.0])
def test_parts_merge_into_the_whole_in_either_order(shift: float) -> None:
    scores, values = drawn(8)
    scores[:, 4:] += shift
    one = folded(scores[:, :4], values[:4], [4])
    other = folded(scores[:, 4:], values[4:], [1, 3])
    kept = other.weighted.clone(), other.total.clone()
    for state in (merge(one, other), merge(other, one), merge(start(3, 4), merge(one, other))):
        torch.testing.assert_close(finish(state)[0], exact(scores, values))
    assert torch.equal(other.weighted, kept[0]) and torch.equal(other.total, kept[1])


def test_masked_tiles_change_nothing_and_a_masked_row_is_zero() -> None:
    scores, values = drawn(6)
    scores[0], scores[1, :3] = -INF, -INF
    out, lse = finish(folded(scores, values, [3, 3]))
    assert out[0].tolist() == [0.0] * 4 and lse[0] == -INF
    torch.testing.assert_close(out[1:], exact(scores[1:], values))


def test_a_state_stays_as_it_is_when_it_is_updated() -> None:
    scores, values = drawn(5)
    state = folded(scores, values, [5])
    before = [one.clone() for one in (state.maximum, state.total, state.weighted)]
    update(state, scores + 9.0, values)
    assert all(map(torch.equal, (state.maximum, state.total, state.weighted), before))
