"""What the judge takes for the plain implementation is it."""

from __future__ import annotations

from itertools import islice

import pytest

from language_model.attention import DenseCache
from language_model.generate import extend, generate
from language_model.tiny import TINY, tiny_model
from tests.stages.engine.bench import part

PROMPT = [5, 6, 7, 8]


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_the_first_token_that_may_be_drawn_is_the_plain_loops(temperature: float) -> None:
    plain, tokens = part("plain").Plain("tiny"), list(PROMPT)
    params = {"temperature": temperature, "seed": 3, "request": 2}
    due = islice(generate(tiny_model(), PROMPT, temperature=temperature, seed=3, request=2), 12)
    for token in due:
        plain.learn("a", tokens)
        assert plain.draws("a", len(tokens), params)[0] == token
        tokens.append(token)


def test_tokens_fed_in_at_once_or_one_by_one_give_the_same_logits() -> None:
    plain = part("plain").Plain("tiny")
    plain.learn("whole", PROMPT)
    for count in range(1, 5):
        plain.learn("by one", PROMPT[:count])
    for position in range(4):
        whole, by_one = plain.sketch("whole", position), plain.sketch("by one", position)
        assert whole == pytest.approx(by_one, abs=1e-4)


def test_what_was_tampered_with_is_heard_by_later_tokens_alone() -> None:
    plain = part("plain").Plain("tiny")
    for name in ("as it was", "tampered"):
        plain.learn(name, PROMPT)
    plain.tamper("tampered", 1)
    for name in ("as it was", "tampered"):
        plain.learn(name, [*PROMPT, 9])
    assert plain.sketch("tampered", 3) == plain.sketch("as it was", 3)
    differences = [
        abs(one - other)
        for one, other in zip(
            plain.sketch("tampered", 4), plain.sketch("as it was", 4), strict=True
        )
    ]
    assert max(differences) > 0.1


def test_a_fork_goes_its_own_way() -> None:
    plain = part("plain").Plain("tiny")
    plain.learn("a", PROMPT)
    plain.fork("a", "b")
    plain.learn("a", [*PROMPT, 1])
    plain.learn("b", [*PROMPT, 2])
    assert plain.sketch("a", 3) == plain.sketch("b", 3)
    assert plain.sketch("a", 4) != plain.sketch("b", 4)


def test_the_tiny_model_is_sharp_and_always_the_same() -> None:
    logits = extend(tiny_model(), DenseCache(), PROMPT)
    assert logits.equal(extend(tiny_model(), DenseCache(), PROMPT))
    assert not logits.equal(extend(tiny_model(1), DenseCache(), PROMPT))
    assert logits.std() > 1
    assert logits.shape == (4, TINY.vocab_size)
