"""A failing call can be pasted as it is told: with its imports, it runs."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from types import SimpleNamespace

from autograder.judge.explain import needed_imports
from autograder.judge.stage_package import stage_language
from autograder.paged_batch.misfits import MISFITS
from autograder.paged_batch.scores import KINDS, SoftmaxSpec
from autograder.paged_batch.spec import WriteSpec
from autograder.program.model import Op
from tests.stages.attention.bench import REFERENCE, ROOT, STAGE

operations = importlib.import_module("stage4.operations")
language = stage_language(STAGE)
RIGHT: tuple[Op, ...] = (
    operations.attend(operations.ragged((9, 3), dtype="float16", seed=1), "reverse"),
    operations.write(WriteSpec((3, -1), num_blocks=2)),
    *(operations.softmax(SoftmaxSpec((4, 1, 2), parts=2, kind=kind)) for kind in KINDS),
)
REFUSED: tuple[Op, ...] = tuple(
    operations.misfit(module, wrong) for module, kinds in MISFITS.items() for wrong in kinds[:1]
)
REFUSES = """
try:
    {call}
except ValueError:
    pass
else:
    raise AssertionError
"""


def test_what_a_report_tells_of_a_failure_can_be_pasted() -> None:
    ops = (*RIGHT, *REFUSED)
    lines = [*needed_imports(language, ops), *map(language.to_python, RIGHT)]
    lines += [REFUSES.format(call=language.to_python(op)) for op in REFUSED]
    path = os.pathsep.join(map(str, (REFERENCE, ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_call_brings_the_imports_of_its_own_names_alone() -> None:
    told = " ".join(needed_imports(language, (RIGHT[2],)))
    assert "online_softmax" in told and "write_batch" not in told


def test_every_kind_of_scores_is_put_into_words() -> None:
    told = [language.to_python(op).partition("#")[2] for op in RIGHT[2:]]
    assert len(set(told)) == len(KINDS) and all(told)


def test_the_compiler_asks_for_16_inner_elements_and_no_more() -> None:
    backend = importlib.import_module("triton.backends.nvidia.compiler")
    half = SimpleNamespace(scalar=SimpleNamespace(primitive_bitwidth=16))
    for capability in (80, 90):
        least = backend.min_dot_size(SimpleNamespace(arch=capability))(half, half)
        assert least == (1, 1, 16)
