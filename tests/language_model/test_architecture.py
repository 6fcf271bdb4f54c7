"""The model computes what its architecture says: against loops written apart."""

from __future__ import annotations

import numpy as np
import torch

from language_model.attention import DenseCache, attend_within, causal_attention
from language_model.generate import extend
from language_model.model import LanguageModel
from language_model.tokenizer import Tokenizer
from language_model.training.attention import attend_in_products
from tests.language_model import slow


def by_loops(model: LanguageModel, tokens: list[int]) -> slow.Vector:
    weights = {name: x.double().numpy() for name, x in model.state_dict().items()}
    return slow.logits(weights, model.config, tokens)


def test_logits_are_those_of_the_definitions(toy: LanguageModel) -> None:
    tokens = [7, 0, 39, 7, 7, 12, 3, 25, 31, 1, 18]
    wanted = by_loops(toy, tokens)
    assert wanted.std() > 1
    np.testing.assert_allclose(extend(toy, DenseCache(), tokens).numpy(), wanted, atol=1e-4)


def test_the_shipped_model_computes_by_the_definitions_too(
    shipped: tuple[LanguageModel, Tokenizer],
) -> None:
    model, tokenizer = shipped
    tokens = tokenizer.encode("HAMLET.\nWords, words, words.", bos=True)
    computed = extend(model, DenseCache(), tokens).numpy()
    np.testing.assert_allclose(computed, by_loops(model, tokens), atol=1e-4)


def test_all_three_dense_attentions_agree() -> None:
    random = torch.Generator().manual_seed(5)
    query = torch.randn(2, 9, 6, 16, generator=random)
    key, value = torch.randn(2, 2, 9, 2, 16, generator=random)
    plain = torch.stack([causal_attention(query[i], key[i], value[i]) for i in range(2)])
    for attend in (attend_within, attend_in_products):
        torch.testing.assert_close(attend(0, query, key, value), plain, atol=1e-5, rtol=1e-5)


def test_a_token_reads_none_that_come_after_it(toy: LanguageModel) -> None:
    one = extend(toy, DenseCache(), [4, 5, 6, 7])
    other = extend(toy, DenseCache(), [4, 5, 6, 30])
    torch.testing.assert_close(one[:3], other[:3], atol=0, rtol=0)
    assert not torch.allclose(one[3], other[3])


def test_order_matters(toy: LanguageModel) -> None:
    one, other = (extend(toy, DenseCache(), tokens)[-1] for tokens in ([4, 5, 6], [5, 4, 6]))
    assert (one - other).abs().max() > 0.01
