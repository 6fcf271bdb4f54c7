"""What the judge asks of stage 7's operations: how a student reads them, and simpler forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stage7.wording import METHODS, show_state, to_python

from autograder.program.model import Op

__all__ = ["IMPORTS", "METHODS", "references", "show_state", "simpler", "to_python"]

IMPORTS = (
    "from pagedlab.engine import LLMEngine",
    "from pagedlab.engine_config import EngineConfig",
    "from pagedlab.input_processor import InputProcessor",
    "from pagedlab.model_runner import ModelRunner",
    "from pagedlab.request import Request",
    "from pagedlab.sampling_params import SamplingParams",
    "from pagedlab.sched_output import SchedulerOutput",
    "from language_model.shared import shipped_model",
    "from language_model.tiny import tiny_model",
)


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker."""
    params: Any = op.args.get("params", {})
    if op.name == "add":
        prompt: Any = op.args["prompt"]
        for size in sorted({1, len(prompt) // 2, len(prompt) - 1}):
            if 0 < size < len(prompt):
                yield Op(op.name, {**op.args, "prompt": prompt[:size]}, op.binds)
        for out in sorted({1, params["max_tokens"] // 2, params["max_tokens"] - 1}):
            if 0 < out < params["max_tokens"]:
                yield Op(op.name, {**op.args, "params": {**params, "max_tokens": out}}, op.binds)
    if params.get("temperature"):
        yield Op(op.name, {**op.args, "params": {**params, "temperature": 0.0}}, op.binds)


def references(op: Op) -> Iterator[str]:
    """What an operation names of earlier results."""
    if "parent" in op.args:
        yield str(op.args["parent"])
    if op.name == "execute":
        plan: Any = op.args["plan"]
        yield from plan["num_scheduled_tokens"]
