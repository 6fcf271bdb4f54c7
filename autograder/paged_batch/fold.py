"""Folds tiles of scores and values by a student's online softmax. For workers and for pasting.

>>> from types import SimpleNamespace
>>> shapes = SimpleNamespace(
...     start=lambda rows, dims: (rows, dims),
...     update=lambda state, scores, values: (*state, scores.shape[1]),
...     finish=lambda state: state,
... )
>>> fold(shapes, tiles=[5, 2])
(3, 4, 5, 2)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from autograder.paged_batch.scores import SoftmaxSpec, draw_scores

Call = Callable[..., Any]


def plainly(function: Call, *arguments: Any) -> Any:
    """Call it."""
    return function(*arguments)


def fold(module: Any, call: Call = plainly, **fields: Any) -> Any:
    """What `finish` gives after all tiles: those of each part in turn, and the parts merged.

    Args:
        module: `pagedlab.online_softmax`, or something with the same functions.
        call: how to call `update` and `merge`: the function, then its arguments.
        fields: of SoftmaxSpec.
    """
    spec = SoftmaxSpec.from_json(fields)
    drawn = zip(*draw_scores(spec), strict=True)
    tiles = [tuple(map(torch.from_numpy, tile)) for tile in drawn]
    states = []
    for part in range(spec.parts):
        state = module.start(spec.rows, spec.head_size)
        for tile in tiles[part :: spec.parts]:
            state = call(module.update, state, *tile)
        states.append(state)
    while len(states) > 1:
        states.append(call(module.merge, states.pop(), states.pop()))
    return module.finish(states[0])
