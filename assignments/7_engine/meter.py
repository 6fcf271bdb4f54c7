"""Stage 7's performance workloads: what an engine and a runner do beside the model.

The model is silent: it hands zeros to attention and scores token 0 best. Counted are interpreter
steps and kernels of the stage's own files, rows that were scored, and bytes of transfers. What is
reported is a claim; the judge checks the outputs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from stage7.meter_silent import Silent
from stage7.meter_traffic import FILES, Traffic

from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from autograder.worker.steps import StepCounter, TooManySteps

SILENT = "pagedlab_silent"
P = 16
REQUESTS = 32
FEW = 4
MOVED, BLOCKS = 64, 1024
PROMPTS = (40, 90, 7, 64, 33, 1, 18, 55)


class Meter:
    """Holds an engine per size, and makes the others anew for each case."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules: Mapping[str, Any] = modules
        self._engines: dict[int, Any] = {}
        self._model = Silent()

    def prepare(self, size: int) -> Json:
        """Make an engine with four requests of so many tokens, all of them generating."""
        torch.set_num_threads(1)
        self._engines[size] = self._decoding(FEW, size)
        return size

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Do a case once; give what it brought, its steps and its amount."""
        return getattr(self, f"_{case}")(size, most_steps)  # type: ignore[no-any-return]

    def _decode(self, size: int, most_steps: int) -> Json:
        """One step of the four requests."""
        engine, steps = self._engines[size], StepCounter(most_steps, FILES)
        return _counted(engine, steps if most_steps else None)

    def _steps(self, size: int, most_steps: int) -> Json:
        """One step of many requests: its steps as multiples of those of the plain loop."""
        steps, plain_steps = StepCounter(most_steps, FILES), StepCounter(most_steps)
        told = _counted(self._decoding(REQUESTS, 30), steps)
        requests = [
            SimpleNamespace(request_id=f"r{number}", token_ids=[1] * 31, num_computed_tokens=30)
            for number in range(REQUESTS)
        ]
        with plain_steps:
            plain_loop(requests)
        return {**told, "amount": steps.count / plain_steps.count}

    def _kernels(self, size: int, most_steps: int) -> Json:
        """One step of many requests: kernels outside model and attention."""
        engine, traffic = self._decoding(REQUESTS, 30), Traffic()
        with traffic:
            outputs = engine.step()
        return {"outputs": _shown(outputs), "steps": 1, "amount": traffic.kernels}

    def _logits(self, size: int, most_steps: int) -> Json:
        """Long prompts in small chunks: rows that were scored, a generated token."""
        engine = self._engine(budget=16, seqs=8)
        for number, prompt in enumerate(PROMPTS):
            self._add(engine, number, prompt, 4)
        self._model.rows, came = 0, []
        while engine.has_unfinished_requests() and len(came) < 500:
            came.append(_shown(engine.step()))
        tokens = sum(len(one) for one in came)
        return {"outputs": came, "steps": 1, "amount": self._model.rows / max(1, tokens)}

    def _bytes(self, size: int, most_steps: int) -> Json:
        """Swap out and in: bytes that were read and written, a byte of the plan's blocks."""
        told, traffic, moved = self._swap()
        return {"outputs": told, "steps": 1, "amount": traffic.bytes / moved}

    def _swaps(self, size: int, most_steps: int) -> Json:
        """Swap out and in: kernels."""
        told, traffic, _ = self._swap()
        return {"outputs": told, "steps": 1, "amount": traffic.kernels}

    def _swap(self) -> tuple[Json, Traffic, int]:
        from pagedlab.sched_output import SchedulerOutput

        config = self._config(64, 4, num_host_blocks=2 * MOVED)
        runner = self._modules["model_runner"].ModelRunner(self._model, config, BLOCKS)
        runner.kv_cache.copy_(torch.arange(runner.kv_cache.numel()).view(runner.kv_cache.shape))
        out = [(1 + 7 * at, MOVED - at) for at in range(MOVED)]
        into = [(host, BLOCKS - 1 - 5 * at) for at, (_, host) in enumerate(out)]
        moved = 2 * MOVED * runner.kv_cache[:, :, 0].numel() * runner.kv_cache.itemsize
        traffic = Traffic()
        with traffic:
            runner.execute_model(SchedulerOutput(blocks_to_swap_out=out), {}, {})
            runner.execute_model(SchedulerOutput(blocks_to_swap_in=into), {}, {})
        wrong = [
            [source, target]
            for (source, _), (_, target) in zip(out, into, strict=True)
            if not torch.equal(runner.kv_cache[:, :, source], runner.kv_cache[:, :, target])
        ]
        return wrong, traffic, moved

    # ---- engines -------------------------------------------------------------------------------

    def _config(self, budget: int, seqs: int, **more: Any) -> Any:
        from pagedlab import attention_backend
        from pagedlab.engine_config import EngineConfig

        attention_backend.BACKENDS["silent"] = SILENT
        sys.modules[SILENT] = self._model  # type: ignore[assignment]
        limits = {"block_size": P, "max_num_batched_tokens": budget, "max_num_seqs": seqs}
        return EngineConfig(**limits, attention_backend="silent", **more)

    def _engine(self, budget: int, seqs: int) -> Any:
        config = self._config(budget, seqs, num_blocks=BLOCKS, enable_prefix_caching=False)
        return self._modules["engine"].LLMEngine(self._model, config)

    def _add(self, engine: Any, number: int, prompt: int, out: int) -> None:
        from pagedlab.sampling_params import SamplingParams

        engine.add_request(f"r{number}", [1] * prompt, SamplingParams(out, temperature=0.0))

    def _decoding(self, requests: int, prompt: int) -> Any:
        """An engine whose requests all generate."""
        engine = self._engine(requests * prompt + requests, requests)
        for number in range(requests):
            self._add(engine, number, prompt, 1000)
        for _ in range(requests + 2):
            engine.step()
        return engine


def plain_loop(requests: Sequence[Any]) -> tuple[list[int], list[int], dict[str, int]]:
    """Tokens, positions and rows of a decode step, without any table: a measure for other loops.

    It is counted beside them, so that the version of Python does not matter.
    """
    token_ids: list[int] = []
    positions: list[int] = []
    rows: dict[str, int] = {}
    for request in requests:
        start = request.num_computed_tokens
        for position in range(start, start + 1):
            token_ids.append(request.token_ids[position])
            positions.append(position)
        if request.num_computed_tokens + 1 == len(request.token_ids):
            rows[request.request_id] = len(token_ids) - 1
    return token_ids, positions, rows


def _counted(engine: Any, steps: StepCounter | None) -> dict[str, Json]:
    if steps is None:
        return {"outputs": _shown(engine.step()), "steps": 1}
    try:
        with steps:
            outputs = engine.step()
    except TooManySteps:
        return {"outputs": [], "steps": steps.count}
    return {"outputs": _shown(outputs), "steps": steps.count}


def _shown(outputs: Any) -> list[Json]:
    """Whose tokens came out."""
    if type(outputs) is not list:
        return [plain(type(outputs).__name__)]
    return [[plain(one.request_id), plain(one.new_token_ids)] for one in outputs]
