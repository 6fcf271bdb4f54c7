"""Stage 7's performance workloads: what an engine and a runner do beside the model.

The model is silent: it hands zeros to attention and scores token 0 best. Counted are interpreter
steps and kernels of the stage's own files, rows that were scored, and bytes of transfers. What is
reported is a claim; the judge checks the outputs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import PurePath
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from autograder.worker.execute import in_student_package
from autograder.worker.steps import StepCounter, TooManySteps
from autograder.worker.tensors import only_views, tensors_in

FILES = (
    "engine.py", "input_batch.py", "input_processor.py", "model_runner.py", "output_processor.py",
)  # fmt: skip
SILENT = "pagedlab_silent"
P = 16
REQUESTS = 32
FEW = 4
MOVED, BLOCKS = 64, 1024
SHAPE = SimpleNamespace(
    vocab_size=8, num_hidden_layers=4, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
    max_position_embeddings=4096,
)  # fmt: skip
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
        """One step of many requests: steps a request."""
        steps = StepCounter(most_steps, FILES)
        told = _counted(self._decoding(REQUESTS, 30), steps)
        return {**told, "amount": steps.count / REQUESTS}

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


class Silent:
    """A model and an attention backend that do nothing."""

    config = SHAPE

    def __init__(self) -> None:
        self.rows = 0

    def hidden_states(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Let every layer attend to zeros."""
        for layer in range(SHAPE.num_hidden_layers):
            query = torch.zeros(len(token_ids), SHAPE.num_attention_heads, SHAPE.head_dim)
            attend(layer, query, query, query)
        return torch.zeros(len(token_ids), 1)

    def logits(self, hidden: Any) -> Any:
        """Score token 0 best."""
        self.rows += len(hidden)
        return torch.zeros(len(hidden), SHAPE.vocab_size)

    def __call__(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Run the whole model."""
        return self.logits(self.hidden_states(token_ids, positions, attend))

    def write_kv_cache(self, *tensors: Any) -> None:
        """Store nothing."""

    def paged_attention(self, query: Any, *rest: Any) -> Any:
        """Attend to nothing."""
        return query


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


class Traffic(TorchDispatchMode):
    """Counts the kernels that the stage's own files start, and the bytes that these touch.

    A kernel is an operation that does more than show memory in another shape; its bytes are those
    of the tensors that it reads and writes, of an indexed one those that are picked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kernels = self.bytes = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: it would import the compiler, a second's work, at the first operation."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        schema = func._schema
        name = schema.name.partition("::")[2]
        given = tensors_in([*args, *(kwargs or {}).values()], torch.Tensor)
        made = tensors_in(result, torch.Tensor)
        works = schema.is_mutable or not only_views(made, given)
        if works and name not in ALLOCATIONS and _is_own():
            self.kernels += 1
            self.bytes += _touched(name, given, made)
        return result


ALLOCATIONS = ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided", "detach")
PICKS = ("index", "index_select", "gather", "embedding")
PUTS = ("index_put_", "_index_put_impl_", "index_copy_", "scatter_")
OVERWRITES = ("copy_", "fill_", "zero_")


def _is_own() -> bool:
    """True if the code that runs is the stage's, not the model's or an earlier stage's."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        path = PurePath(frame.f_code.co_filename)
        if path.name in FILES:
            return True
        ours = path.name == "meter.py" and frame.f_code.co_name in SILENT_METHODS
        if ours or in_student_package(frame.f_code.co_filename):
            return False
        frame = frame.f_back
    return False


SILENT_METHODS = ("hidden_states", "logits", "write_kv_cache", "paged_attention")


def _touched(name: str, given: list[torch.Tensor], made: list[torch.Tensor]) -> int:
    written = sum(map(_bytes, made))
    if name in PICKS:
        return 2 * written
    if name in PUTS:
        return 2 * _bytes(given[-1])
    return written + sum(map(_bytes, given[name in OVERWRITES :]))


def _bytes(tensor: torch.Tensor) -> int:
    return int(tensor.numel()) * tensor.itemsize
