"""The model and the attention backend that a submission gets: they take notes.

Which tokens went through the model, which tables and slots attention was given, which logits were
asked for.
"""

from __future__ import annotations

import sys
from typing import Any

import torch

from autograder.protocol.plain import Json

SPY = "pagedlab_spy"
"""What the attention backend of the tests is imported as."""


SKETCH = 8
"""So many logits of a row are told, evenly spread over the vocabulary."""


class Spy:
    """The model and the attention backend that a submission gets. Notes one call after another."""

    def __init__(self, model: Any) -> None:
        from pagedlab import attention_backend

        self.config = model.config
        self.calls: list[dict[str, Any]] = []
        self._model = model
        self._hidden = torch.empty(0)
        attention_backend.BACKENDS["spy"] = SPY
        sys.modules[SPY] = self  # type: ignore[assignment]

    # ---- the model -----------------------------------------------------------------------------

    def hidden_states(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Run the layers; note the batch."""
        note = {"tokens": token_ids.tolist(), "positions": positions.tolist()}
        self.calls.append({**note, "layers": [], "rows": []})
        self._hidden = self._model.hidden_states(token_ids, positions, attend)
        return self._hidden.clone()

    def logits(self, hidden: Any) -> Any:
        """Score rows; note whose they are, and some of the logits."""
        logits = self._model.logits(hidden)
        step = -(-logits.shape[-1] // SKETCH)
        for row, scores in zip(hidden, logits, strict=True):
            alike = (self._hidden == row).all(-1).nonzero().flatten().tolist()
            taken = {place for place, _ in self.calls[-1]["rows"]}
            same = [place for place in alike if place not in taken] or alike
            sketch = [round(score, 5) for score in scores[::step].tolist()]
            finite = sketch if all(score == score for score in sketch) else None
            self.calls[-1]["rows"].append([same[0] if same else -1, finite])
        return logits

    def __call__(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Run the whole model."""
        return self.logits(self.hidden_states(token_ids, positions, attend))

    # ---- attention -----------------------------------------------------------------------------

    def write_kv_cache(self, key: Any, value: Any, *caches: Any) -> None:
        """Store keys and values; note the slots."""
        from pagedlab import torch_attention

        *both, slots = caches
        torch_attention.write_kv_cache(key, value, *both, slots)
        self.calls[-1]["layers"].append({"slots": slots.tolist()})

    def paged_attention(self, query: Any, key_cache: Any, value_cache: Any, *rest: Any) -> Any:
        """Attend; note tables and lengths."""
        from pagedlab import torch_attention

        table, lengths, starts, scale = rest
        note = {"table": table.tolist(), "lengths": lengths.tolist(), "starts": starts.tolist()}
        self.calls[-1]["layers"].append(note)
        return torch_attention.paged_attention(query, key_cache, value_cache, *rest)

    def take(self) -> list[Json]:
        """The calls since the last time, each with what attention was given in its first layer."""
        calls, self.calls = self.calls, []
        return [_call(one, self.config.num_hidden_layers) for one in calls]


def _call(noted: dict[str, Any], layers: int) -> Json:
    writes = [one["slots"] for one in noted["layers"] if "slots" in one]
    reads = [one for one in noted["layers"] if "table" in one]
    given = {"slots": writes[0] if writes else [], **(reads[0] if reads else {})}
    alike = all(one == writes[0] for one in writes) and all(one == reads[0] for one in reads)
    through = alike and len(writes) == len(reads) == layers
    told = {name: noted[name] for name in ("tokens", "positions", "rows")}
    return {**told, **given, "through_cache": through}
