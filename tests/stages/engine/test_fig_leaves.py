"""Engines that only look as if they paged are found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stages.engine.bench import REFERENCE, finding, part, spoilt

DENSE = """
        from language_model.attention import DenseCache
        from language_model.tiny import tiny_model
        from language_model.generate import extend
        said = {}
        for name in output.num_scheduled_tokens:
            request = requests[name]
            logits = extend(tiny_model(), DenseCache(), request.token_ids)[-1]
            said[name] = [sample_token(logits, params[name], request.num_tokens)]
        return said"""
"""Runs the plain model over all that there is, in every step."""


def program() -> tuple[object, ...]:
    language = part("operations")
    return (language.engine(), language.add("a", 3, 4), language.run())


def test_the_reference_is_believed() -> None:
    assert finding(REFERENCE, program()) is None  # type: ignore[arg-type]


def test_who_runs_the_plain_model_instead_is_found_out(tmp_path: Path) -> None:
    found = finding(
        spoilt(tmp_path, "model_runner.py", "execute_model", DENSE.strip()),
        program(),  # type: ignore[arg-type]
    )
    assert found is not None
    assert found.violation.invariant == "I1"


@pytest.mark.parametrize(
    ("old", "new", "invariant"),
    [
        ("self._backend.paged_attention(", "_dense(", "I3"),
        ("hidden = self._model.hidden_states(", "hidden = _twice(self._model, ", "I1"),
    ],
)
def test_who_goes_around_the_backend_is_found_out(
    old: str, new: str, invariant: str, tmp_path: Path
) -> None:
    out = spoilt(tmp_path, "engine.py", "has_unfinished_requests", "return bool(self._requests)")
    module = out / "pagedlab" / "model_runner.py"
    text = module.read_text(encoding="utf-8")
    assert text.count(old) == 1
    more = (
        "\ndef _dense(query, keys, values, *rest):\n    return query\n"
        "\ndef _twice(model, *rest):\n    model.hidden_states(*rest)\n"
        "    return model.hidden_states(*rest)\n"
    )
    module.write_text(text.replace(old, new) + more, encoding="utf-8")
    found = finding(out, program())  # type: ignore[arg-type]
    assert found is not None
    assert found.violation.invariant == invariant
