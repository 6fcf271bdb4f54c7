"""Whatever a submission returns, the contract says what is wrong, and stumbles over nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.program.model import Observation, first_violation
from tests.stages.scheduler.bench import part, running, spoilt

SCHEDULE, UPDATE, COUNTS = "schedule", "update_from_output", "get_request_counts"
PLAN = "return SchedulerOutput"
BAD = {
    "no plan": (SCHEDULE, "return None"),
    "a plan of nothing": (SCHEDULE, "return SchedulerOutput()"),
    "lists for tables": (SCHEDULE, f"{PLAN}(num_scheduled_tokens=[('a', 3)])"),
    "tokens that are no numbers": (SCHEDULE, f"{PLAN}(num_scheduled_tokens={{'a': float('nan')}})"),
    "a request that nobody knows": (
        SCHEDULE,
        f"{PLAN}({{'x': 3}}, {{'x': 0}}, {{'x': [1]}}, {{'x'}})",
    ),
    "tokens of nobody's position": (SCHEDULE, f"{PLAN}({{'a': 3}})"),
    "negative tokens": (SCHEDULE, f"{PLAN}({{'a': -3}}, {{'a': 0}}, {{'a': [1]}}, {{'a'}})"),
    "huge tokens": (SCHEDULE, f"{PLAN}({{'a': 10**5000}}, {{'a': 0}}, {{'a': [1]}}, {{'a'}})"),
    "sets of numbers": (SCHEDULE, f"{PLAN}(preempted_req_ids={{1, 2}})"),
    "pairs of three": (SCHEDULE, f"{PLAN}(blocks_to_copy=[(1, 2, 3)])"),
    "a way out": (SCHEDULE, "raise SystemExit(0)"),
    "an answer of None": (UPDATE, "return None"),
    "nothing taken in": (UPDATE, "return {}"),
    "counts of one": (COUNTS, "return 3"),
    "counts of text": (COUNTS, "return ('1', '2')"),
    "counts that raise": (COUNTS, "raise KeyError"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_result_of_a_scheduler_is_a_failure(name: str, tmp_path: Path) -> None:
    language = part("language")
    method, body = BAD[name]
    program = (language.new(9), language.add("a", 5, 2), *language.steps(3))
    with running(spoilt(tmp_path, "scheduler.py", method, body)) as observe:
        seen = observe(program)
    assert first_violation(part("contract").Contract(), program, seen) is not None or (
        name == "an answer of None"
    )


@pytest.mark.parametrize("body", ["return 3", "return None", "return (float('nan'),)", "return ()"])
def test_a_bad_key_is_a_failure(body: str, tmp_path: Path) -> None:
    language = part("language")
    two = (language.arrive("a", at=2), language.arrive("b", at=1))
    program = (language.policy("fcfs"), *two, language.rank("a", "b"))
    with running(spoilt(tmp_path, "policies.py", "sort_key", "pass")) as observe:
        module = tmp_path / "pagedlab" / "policies.py"
        text = module.read_text(encoding="utf-8")
        module.write_text(text.replace("return (request.arrival_time,)", body), encoding="utf-8")
    with running(tmp_path) as observe:
        seen = observe(program)
    assert first_violation(part("contract").Contract(), program, seen) is not None


@pytest.mark.parametrize("body", ["return 3", "return None", "return Little('a', None, [])"])
def test_a_bad_measurement_is_a_failure(body: str, tmp_path: Path) -> None:
    language = part("language")
    events = ((0.0, "arrive"), (1.0, "admit"), (2.0, "finish"))
    records = [language.record(time, "a", event) for time, event in events]
    program = (language.log(), *records, language.little("system"))
    with running(spoilt(tmp_path, "queueing.py", "little", body)) as observe:
        seen = observe(program)
    assert first_violation(part("contract").Contract(), program, seen) is not None


@pytest.mark.parametrize(
    "body", ["return 3", "return Little(1.0, 1.0, 1.0)", "return", "raise KeyError"]
)
def test_a_run_that_is_logged_badly_is_a_failure(body: str, tmp_path: Path) -> None:
    program = (part("language").run(0.5, 9),)
    method = "record" if body in ("return", "raise KeyError") else "little"
    with running(spoilt(tmp_path, "queueing.py", method, body)) as observe:
        seen = observe(program)
    assert first_violation(part("contract").Contract(), program, seen) is not None


ODD_RUNS = [
    None,
    [],
    {},
    {"events": 3, "little": {}},
    {"events": [[0.0, "a", "finish"]], "little": {}},
    {"events": [["0", [], {}]], "little": {}},
    {"events": [[10**400, "a", "arrive"]], "little": {}},
    {"events": [], "little": {"system": [1.0]}},
    {"events": [], "little": {"system": [], "queue": [], "service": []}},
    {"events": [], "little": {name: [10**400] for name in ("system", "queue", "service")}},
]


@pytest.mark.parametrize("result", ODD_RUNS)
def test_a_forged_run_is_a_failure(result: Any) -> None:
    program = (part("language").run(0.5, 9),)
    seen = [Observation(result, "", "", "", False, {})]
    assert first_violation(part("contract").Contract(), program, seen) is not None
    part("claims").experiment(lambda program: seen)
