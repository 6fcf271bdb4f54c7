"""How a student reads the operations of stage 7, and what an engine showed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stage7.operations import P

from autograder.program.model import Op
from autograder.protocol.plain import Json

METHODS = {
    "runner": "ModelRunner.__init__",
    "execute": "ModelRunner.execute_model",
    "engine": "LLMEngine.__init__",
    "add": "LLMEngine.add_request",
    "fork": "LLMEngine.fork_request",
    "abort": "LLMEngine.abort_request",
    "step": "LLMEngine.step",
    "run": "LLMEngine.step",
    "processor": "InputProcessor.__init__",
    "process": "InputProcessor.process_inputs",
}
"""The function of the submission that each operation exercises."""


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](op.binds, **op.args)


def show_state(state: Mapping[str, Json]) -> list[str]:
    """An untrusted state in short phrases: "a: blocks [2, 5]", "3 running, 1 waiting, 9 free"."""
    stats, tables = state.get("stats"), state.get("tables")
    phrases = []
    if isinstance(stats, dict):
        told = (("num_running_reqs", "running"), ("num_waiting_reqs", "waiting"))
        free = ("num_free_blocks", "blocks free")
        phrases = [f"{stats.get(name)} {word}" for name, word in (*told, free)]
    for name, table in tables.items() if isinstance(tables, dict) else ():
        phrases += [f"{name}: blocks {table}"] if table else []
    return phrases


def _given(params: Mapping[str, Json]) -> str:
    plain = {"temperature": 1.0, "seed": 7, "request": 0, "stop": []}
    shown = {key: value for key, value in params.items() if value != plain.get(key)}
    parts = ["seed=7"] if params.get("seed") == 7 else []
    for key, value in shown.items():
        parts.append(f"stop_token_ids=frozenset({value})" if key == "stop" else f"{key}={value}")
    return f"SamplingParams({', '.join(parts)})"


def _runner_text(name: str, blocks: int, host: int, seqs: int) -> str:
    given = [f"block_size={P}", f"max_num_seqs={seqs}", "max_num_batched_tokens=64"]
    given += [f"num_host_blocks={host}"] if host else []
    return f"runner = ModelRunner(tiny_model(), EngineConfig({', '.join(given)}), {blocks})"


def _engine_text(name: str, model: str, **settings: Json) -> str:
    shown = {key: value for key, value in settings.items() if key not in ("fits", "refused")}
    given = ", ".join(f"{key}={value!r}" for key, value in shown.items() if value is not None)
    return f"engine = LLMEngine({model}_model(), EngineConfig({given}))"


def _add_text(
    name: str, prompt: Sequence[int], params: Mapping[str, Json], order: Mapping[str, Json]
) -> str:
    more = "".join(f", {key}={value!r}" for key, value in order.items())
    return f"engine.add_request('{name}', {prompt}, {_given(params)}{more})"


def _execute_text(name: str, plan: Mapping[str, Any]) -> str:
    parts = []
    for key, value in plan.items():
        if value:
            pairs = [tuple(pair) for pair in value] if key.startswith("blocks") else value
            parts.append(f"{key}={set(value) if key.endswith('req_ids') else pairs}")
    return f"execute(runner, SchedulerOutput({', '.join(parts)}))"


TEXTS: Mapping[str, Callable[..., str]] = {
    "runner": _runner_text,
    "request": lambda name, prompt, params: f"{name} = Request('{name}', {prompt}); "
    f"params['{name}'] = {_given(params)}",
    "execute": _execute_text,
    "tamper": lambda name, block, offset: f"runner.kv_cache[:, 1, {block}, {offset}] = 3.0",
    "engine": _engine_text,
    "add": _add_text,
    "fork": lambda name, parent, params: f"fork('{parent}', '{name}', {_given(params)})",
    "abort": lambda _, name: f"engine.abort_request('{name}')",
    "step": lambda name: "engine.step()",
    "run": lambda name: "while engine.has_unfinished_requests(): engine.step()",
    "processor": lambda name, **limits: f"processor = InputProcessor({_arguments(limits)})",
    "process": lambda name, prompt, params: f"processor.process_inputs('r', {prompt}, "
    f"{_given(params)})",
}
"""By operation: the statement, from the name that it binds and its arguments."""


def _arguments(given: Mapping[str, Json]) -> str:
    return ", ".join(f"{key}={value}" for key, value in given.items())
