"""What the handout of stage 5 says of the code is so."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys

import pytest

from tests.assignments.handout import HANDOUTS
from tests.stages.scheduler.bench import REFERENCE, STAGE, part, running

HANDOUT = next(one for one in HANDOUTS if one.stage.id == 5)


def test_every_operation_of_the_table_is_one_of_the_scheduler() -> None:
    text = (REFERENCE / "pagedlab" / "scheduler.py").read_text(encoding="utf-8")
    public = set(re.findall(r"^    def ([a-z]\w+)\(", text, re.MULTILINE)) | {"Scheduler"}
    section = HANDOUT.section("Operations")
    shown = re.findall(r"^\| `(\w+)\(.*\)` \| .*\|$", section, re.MULTILINE)
    assert {name for name in shown if not name.endswith("Policy")} == public


def test_the_server_of_the_handout_is_that_of_the_rules() -> None:
    server = part("replay").Server(1, 1, 1)
    words = HANDOUT.section("Performance")
    fixed, per_token, per_kv_token = server.cost
    assert f"{fixed:g} s fixed, {per_token:g} s a\ntoken, {per_kv_token:f} s a KV token" in words


def test_the_picture_is_what_the_reference_does() -> None:
    language = part("language")
    program = (
        *(language.new(50, 8, 2), language.add("a", 6, 3), language.add("b", 9, 2)),
        *(language.add("c", 3, 1), *language.steps(4)),
    )
    with running(REFERENCE) as observe:
        plans = [one.result["plan"] for one in observe(program)[4:]]  # type: ignore[index, call-overload]
    totals = [sum(plan["num_scheduled_tokens"].values()) for plan in plans]
    picture = HANDOUT.text.partition("```text\n")[2].partition("```")[0]
    shown = re.search(r"^ tokens +([\d ]+)$", picture, re.MULTILINE)
    assert shown and [int(number) for number in shown[1].split()] == totals


def test_the_experiment_prints_what_the_handout_shows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(REFERENCE):
        monkeypatch.syspath_prepend(str(REFERENCE))
        importlib.import_module("pagedlab.experiment").main(4000)
    assert f"```text\n{capsys.readouterr().out}```" in HANDOUT.section("The queueing exercise")


def test_the_traces_are_what_the_workloads_give(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("workload")
    folder = STAGE.folder / "traces"
    found = importlib.util.spec_from_file_location("make_traces", folder / "make.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    monkeypatch.setitem(sys.modules, found.name, module)  # where its dataclass looks itself up
    found.loader.exec_module(module)
    assert {f"{name}.json" for name in module.SCALES} == {one.name for one in folder.glob("*.json")}
    for name, scale in module.SCALES.items():
        text = (folder / f"{name}.json").read_text(encoding="utf-8")
        assert text == module.trace_text(scale), name
