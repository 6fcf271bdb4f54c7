"""Whatever a submission returns, its rules come to a verdict, and the grader to no fault."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.judge.grade import Job, grade_stage
from autograder.judge.parents import Parents
from autograder.sandbox.isolation import Isolation
from autograder.scoring.outcome import Outcome, Status
from tests.stages.block_table.bench import COURSE, REFERENCE, ROOT, STAGE

LOOKUP, STEP, TABLE = "get_computed_blocks", "allocate_slots", "get_block_ids"
BAD = {
    "a lookup of three": (LOOKUP, "return [], 0, 0"),
    "a lookup of nothing": (LOOKUP, "return None"),
    "a lookup of a text": (LOOKUP, "return 'ab', 0"),
    "not a number of tokens": (LOOKUP, "return [], float('nan')"),
    "tokens that equal everything": (LOOKUP, "return [], EqualToAll()"),
    "a huge number of tokens": (LOOKUP, "return [], 10 ** 5000"),
    "a step that gives a text": (STEP, "return 'slots'"),
    "a step that gives True": (STEP, "return True"),
    "blocks without end": (STEP, "return SlotAllocation(iter(int, 1), ())"),
    "copies that are no pairs": (STEP, "return SlotAllocation((), ((1,), 2, None))"),
    "copies of not a number": (STEP, "return SlotAllocation((), ((float('nan'), 1),))"),
    "a step that leaves": (STEP, "raise SystemExit(0)"),
    "a step that never ends": (STEP, "while True: pass"),
    "a step that changes the request": (STEP, "request.token_ids = None"),
    "a table of texts": (TABLE, "return ['1', '2']"),
    "a table of ten million": (TABLE, "return [1] * 10_000_000"),
    "a table that is no table": (TABLE, "return object()"),
}
ROWS = {
    "a list for an array": "return [[0] * 4] * 3",
    "an array of float": "return self._table.astype(float)",
    "an array with one axis": "return self._table[0]",
    "an array of another size": "return np.zeros((3, 1), dtype=np.int32)",
    "an array without end": "return np.broadcast_to(np.int32(0), (2**20, 2**20))",
}
EQUAL = (
    "\n\nclass EqualToAll(int):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
)


@pytest.fixture(scope="module")
def parents(isolation: Isolation) -> Iterator[Parents]:
    with Parents(isolation) as shared:
        yield shared


def outcomes(
    parents: Parents, submission: Path, scratch: Path, rules: frozenset[str]
) -> list[Outcome]:
    found: list[Outcome] = []
    earlier = COURSE.stages
    job = Job(ROOT, submission, parents, 1, scratch / "cache", rules, earlier, False)
    grade_stage(job, STAGE, found.append)
    return found


def spoilt(out: Path, file: str, method: str, body: str) -> Path:
    """The reference with the body of one method replaced; what it defines stays defined."""
    shutil.copytree(REFERENCE / "pagedlab", out / "pagedlab")
    module = out / "pagedlab" / file
    head, _, rest = module.read_text(encoding="utf-8").partition(f"    def {method}(")
    before, _, after = rest.partition("# BEGIN SOLUTION\n")
    text = f"{head}    def {method}({before}# BEGIN SOLUTION\n        {body}\n{after}"
    module.write_text(text + EQUAL, encoding="utf-8")
    return out


@pytest.mark.parametrize("name", BAD)
def test_a_bad_result_of_a_manager_is_a_failure(
    parents: Parents, scratch: Path, tmp_path: Path, name: str
) -> None:
    method, body = BAD[name]
    submission = spoilt(scratch / f"bad {name}", "kv_cache_manager.py", method, body)
    found = outcomes(parents, submission, tmp_path, frozenset({"2.1", "2.4", "2.6"}))
    assert {one.status for one in found} <= {Status.FAIL, Status.TIMEOUT, Status.PASS}
    assert any(one.status is not Status.PASS for one in found)


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_array_is_a_failure(
    parents: Parents, scratch: Path, tmp_path: Path, name: str
) -> None:
    submission = spoilt(scratch / f"bad {name}", "block_table.py", "get_numpy_array", ROWS[name])
    found = outcomes(parents, submission, tmp_path, frozenset({"2.17"}))
    assert {one.status for one in found} <= {Status.FAIL, Status.TIMEOUT}


def test_one_broken_file_leaves_the_rules_of_the_other_alone(
    parents: Parents, scratch: Path, tmp_path: Path
) -> None:
    for broken, rule, blocked in (
        ("block_table.py", "2.1", "2.17"),
        ("kv_cache_manager.py", "2.17", "2.1"),
    ):
        submission = scratch / f"one broken {broken}"
        shutil.copytree(REFERENCE / "pagedlab", submission / "pagedlab")
        (submission / "pagedlab" / broken).write_text("def (:\n", encoding="utf-8")
        found = outcomes(parents, submission, tmp_path / broken, frozenset({rule, blocked}))
        assert {(one.rule, one.status) for one in found} == {
            (rule, Status.PASS),
            (blocked, Status.BLOCKED),
        }
