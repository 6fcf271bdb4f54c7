"""Whatever a submission returns, the contract says what is wrong, and stumbles over nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stages.engine.bench import finding, part, spoilt

ENGINE, RUNNER, BATCH = "engine.py", "model_runner.py", "input_batch.py"
OUTPUT = "return [RequestOutput"
BAD = {
    "outputs of None": (ENGINE, "step", "return None"),
    "no outputs": (ENGINE, "step", "return []"),
    "outputs that are numbers": (ENGINE, "step", "return [1, 2]"),
    "an output of NaN": (
        ENGINE,
        "step",
        f"{OUTPUT}('a', float('nan'), False, None, 3, 0, 0)]",
    ),
    "tokens of text": (ENGINE, "step", f"{OUTPUT}('a', ('x',), False, None, 3, 0, 0)]"),
    "a token that is huge": (ENGINE, "step", f"{OUTPUT}('a', (10**99,), False, None, 3, 0, 0)]"),
    "an id of nobody": (ENGINE, "step", f"{OUTPUT}('z', (1,), False, None, 3, 0, 0)]"),
    "a way out": (ENGINE, "step", "raise SystemExit(0)"),
    "stats of None": (ENGINE, "stats", "return None"),
    "stats of text": (ENGINE, "stats", "return EngineStats(*(['many'] * 12))"),
    "stats of NaN": (ENGINE, "stats", "return EngineStats(*([float('nan')] * 12))"),
    "always at work": (ENGINE, "has_unfinished_requests", "return True"),
    "never at work": (ENGINE, "has_unfinished_requests", "return 0"),
    "tables of None": (ENGINE, "get_block_ids", "return None"),
    "tables that raise": (ENGINE, "get_block_ids", "raise KeyError(request_id)"),
    "an abort of numbers": (ENGINE, "abort_request", "return 3"),
    "a plan that is not run": (RUNNER, "execute_model", "return {}"),
    "an answer of None": (RUNNER, "execute_model", "return None"),
    "tokens for nobody": (RUNNER, "execute_model", "return {'z': [1]}"),
    "inputs of None": (BATCH, "prepare_inputs", "return None"),
    "an output of None": ("output_processor.py", "make_output", "return None"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_result_is_a_failure(name: str, tmp_path: Path) -> None:
    language = part("operations")
    program = (
        *(language.engine(), language.add("a", 3, 4), *language.steps(2)),
        *(language.add("b", 3, 4), language.abort("b"), language.run()),
    )
    assert finding(spoilt(tmp_path, *BAD[name]), program) is not None


@pytest.mark.parametrize(
    "body",
    ["return None", "return {}", "return {'a': [1.5]}", "return {'a': 7}", "return {'a': [99]}"],
)
def test_a_bad_answer_of_a_runner_is_a_failure(body: str, tmp_path: Path) -> None:
    language = part("operations")
    program = (
        *(language.runner(), language.request("a", 3)),
        language.execute({"a": (0, 3, [5])}, new="a"),
    )
    assert finding(spoilt(tmp_path, RUNNER, "execute_model", body), program) is not None


@pytest.mark.parametrize("body", ["return None", "return 3", "raise OSError"])
def test_a_bad_answer_at_the_door_is_a_failure(body: str, tmp_path: Path) -> None:
    language = part("operations")
    program = (language.processor(), language.process([1, 2]))
    place = ("input_processor.py", "process_inputs", body)
    assert finding(spoilt(tmp_path, *place), program) is not None
