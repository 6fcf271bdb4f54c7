"""However a sequence is cut into forward passes, the numbers are those of one pass."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from language_model.attention import DenseCache, attend_within
from language_model.generate import extend, generate
from language_model.model import LanguageModel
from language_model.tokenizer import Tokenizer

TEXT = "FIRST WITCH.\nWhen shall we three meet again?\nIn thunder, lightning, or in rain?"


@pytest.mark.parametrize("cuts", [[1] * 31, [31], [20, *[1] * 11], [7, 1, 16, 7]])
def test_a_pass_in_parts_equals_one_whole_pass(
    shipped: tuple[LanguageModel, Tokenizer], cuts: list[int]
) -> None:
    model, tokenizer = shipped
    tokens = tokenizer.encode(TEXT, bos=True)[: sum(cuts)]
    whole = model(torch.tensor([tokens]), torch.arange(len(tokens)), attend_within)[0]
    cache, parts, rest = DenseCache(), [], tokens
    for cut in cuts:
        parts.append(extend(model, cache, rest[:cut]))
        rest = rest[cut:]
    torch.testing.assert_close(torch.cat(parts), whole, atol=1e-4, rtol=0)
    assert cache.num_tokens == len(tokens)


def test_the_cache_holds_the_same_keys_and_values_however_it_was_filled(
    toy: LanguageModel,
) -> None:
    tokens = [3, 14, 15, 9, 26]
    at_once, one_by_one = DenseCache(), DenseCache()
    extend(toy, at_once, tokens)
    for token in tokens:
        extend(toy, one_by_one, [token])
    for layer in range(toy.config.num_hidden_layers):
        assert at_once.keys[layer].shape == at_once.values[layer].shape == (5, 2, 8)
        for kind in ("keys", "values"):
            left, right = getattr(at_once, kind)[layer], getattr(one_by_one, kind)[layer]
            torch.testing.assert_close(left, right, atol=1e-4, rtol=1e-5)


def test_requests_in_one_row_of_tokens_are_as_if_alone(toy: LanguageModel) -> None:
    # What an engine does: one decodes its fourth token, the other prefills two.
    caches = [DenseCache(), DenseCache()]
    extend(toy, caches[0], [1, 2, 3])
    alone = torch.cat((extend(toy, copy_of(caches[0]), [8]), extend(toy, DenseCache(), [30, 31])))

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        parts = (slice(0, 1), slice(1, 3))
        pairs = zip(caches, parts, strict=True)
        return torch.cat([cache(layer, query[p], key[p], value[p]) for cache, p in pairs])

    together = toy(torch.tensor([8, 30, 31]), torch.tensor([3, 0, 1]), attend)
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-5)


def copy_of(cache: DenseCache) -> DenseCache:
    return DenseCache(list(cache.keys), list(cache.values))


def test_generation_draws_what_whole_passes_would(toy: LanguageModel) -> None:
    tokens = [5, 6]
    for token in generate(toy, list(tokens), temperature=0.0, seed=0):
        if len(tokens) == 12:
            break
        assert token == int(extend(toy, DenseCache(), tokens)[-1].argmax())
        tokens.append(token)


def test_generation_ends_with_the_models_positions(toy: LanguageModel) -> None:
    last = toy.config.max_position_embeddings
    assert len(list(generate(toy, [1, 2, 3], temperature=1.0, seed=1))) == last - 3
    for prompt in ([], [1] * last):
        with pytest.raises(ValueError, match="a prompt has 1 to 63 tokens"):
            next(generate(toy, prompt, temperature=1.0, seed=1))
