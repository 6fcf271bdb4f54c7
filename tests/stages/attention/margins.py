"""How much of the tolerance right kernels use, and by how much wrong ones exceed it.

    .venv/bin/python -m tests.stages.attention.margins 1000

prints, for each dtype, the largest part of what is allowed that any correct kernel used in so many
random batches, and the least multiple of it that a wrong kernel showed in its worst one of a few.
tolerances.toml records both.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from autograder.judge.parents import Parents
from autograder.paged_batch.draw import draw
from autograder.paged_batch.exact import attention
from autograder.paged_batch.spec import BatchSpec
from autograder.paged_batch.tensors_as_bytes import from_text
from autograder.paged_batch.tolerance import tolerances
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs
from tests.stages.attention.bench import REFERENCE, STAGE, Runner, new_parents

WRONG_BY_NUMBERS = (
    *("own_key_missing", "half_of_the_keys", "not_scaled", "powers_of_two_for_exp"),
    *("heads_dealt_round", "no_causal_mask", "context_forgotten", "one_key_too_many"),
    *("total_not_rescaled_in_the_kernel", "rescale_forgotten", "last_block_dropped"),
)
"""Chaffs that only the numbers of an output show."""
LONG = BatchSpec((150, 37), (4, 1), num_heads=4, num_kv_heads=2, seed=11)
"""A batch that has several tiles of keys, a chunk, and two KV heads."""


def batch(seed: int, dtype: str) -> BatchSpec:
    """A random ragged batch."""
    generate = importlib.import_module("stage4.generate")
    operations = importlib.import_module("stage4.operations")
    drawn: BatchSpec = operations.batch_of(generate.random_ragged(Random(seed)))
    return replace(drawn, dtype=dtype)


def used(runner: Runner, spec: BatchSpec) -> float:
    """The largest error, in multiples of what is allowed; infinite where nothing came out."""
    operations = importlib.import_module("stage4.operations")
    seen = runner.observe((operations.attend(spec),))
    if not seen or seen[0].error:
        return float("inf")
    exact, allowed = attention(spec, draw(spec)), tolerances()[spec.dtype]
    error = np.abs(from_text(seen[0].result).numbers - exact)
    part = error / (allowed.absolute + allowed.relative * np.abs(exact))
    return float(np.nan_to_num(part[~np.isnan(exact)], nan=np.inf).max())


@contextmanager
def submission(name: str, parents: Parents) -> Iterator[Runner]:
    """The reference, a wheat or a chaff."""
    with tempfile.TemporaryDirectory() as folder:
        for wheat in load_wheats(STAGE):
            if wheat.id == name:
                build_wheat(wheat, REFERENCE, Path(folder))
        for chaff in load_chaffs(STAGE):
            if chaff.id == name:
                build_chaff(chaff, REFERENCE, Path(folder))
        root = REFERENCE if name == "reference" else Path(folder)
        with Runner(root, parents) as runner:
            yield runner


def honest(parents: Parents, dtype: str, seeds: range, names: tuple[str, ...]) -> float:
    """The largest part of what is allowed that a correct kernel used."""
    most = 0.0
    for name in names:
        with submission(name, parents) as runner:
            most = max(most, *(used(runner, batch(seed, dtype)) for seed in seeds))
            most = max(most, used(runner, replace(LONG, dtype=dtype)))
    return most


def wrong(parents: Parents, dtype: str, names: tuple[str, ...] = WRONG_BY_NUMBERS) -> float:
    """The least multiple of what is allowed that a wrong kernel showed."""
    least = float("inf")
    for name in names:
        with submission(name, parents) as runner:
            least = min(least, used(runner, replace(LONG, dtype=dtype)))
    return least


def main() -> None:
    """Print the margins."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    kernels = [
        wheat.id for wheat in load_wheats(STAGE) if any("attention" in f.name for f in wheat.files)
    ]
    with new_parents() as parents:
        for dtype in tolerances():
            parts = {
                name: honest(parents, dtype, range(count if name == "reference" else 20), (name,))
                for name in ("reference", *kernels)
            }
            shown = ", ".join(f"{name} {part:.3f}" for name, part in parts.items())
            print(f"{dtype}: honest {max(parts.values()):.3f} ({shown})", flush=True)
            print(f"{dtype}: wrong {wrong(parents, dtype):.1f}", flush=True)


if __name__ == "__main__":
    main()
