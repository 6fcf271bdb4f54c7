"""A class that is graded in parts has the grades that it has when it is graded in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.batch.run.folder import FolderError, RunFolder
from autograder.batch.run.merging import merge
from autograder.batch.run.plan import Choice
from autograder.cli import merge as verb
from tests.batch.bench import batch, make_class, make_root, scores, statuses


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class graded whole, in two parts, and with another seed."""
    path = tmp_path_factory.mktemp("parts")
    root, subs = make_root(path / "root"), make_class(path / "subs")
    common = ["--seed", 1, "--no-health"]
    batch(root, subs, "--out", path / "whole", *common)
    for number in (1, 2):
        batch(root, subs, "--out", path / f"part{number}", "--shard", f"{number}/2", *common)
    batch(root, subs, "--out", path / "other", "--shard", "1/9", "--seed", 2, "--no-health")
    return path


def test_each_content_is_of_exactly_one_part() -> None:
    for content in (f"{number:032x}" for number in range(99, 130)):
        assert sum(Choice(shard=(number, 7)).has(content) for number in range(1, 8)) == 1


def test_parts_come_together_and_merging_again_changes_nothing(
    parts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verb, "ROOT", parts / "root")
    first, second = parts / "part1", parts / "part2"
    pending = [key for key, one in statuses(first).items() if one[0] == "pending"]
    assert 0 < len(pending) < 6
    assert verb.main([str(first), str(second)]) == 6, "the unreadable ones still need attention"
    assert scores(first) == scores(parts / "whole")
    logs = {one.name: one.read_bytes() for one in (first / "graded").iterdir()}
    assert verb.main([str(first), str(second)]) == 6
    assert capsys.readouterr().out.count("0 gradings taken over") == 1
    assert logs == {one.name: one.read_bytes() for one in (first / "graded").iterdir()}


def test_runs_of_other_seeds_and_other_folders_are_not_merged(parts: Path, tmp_path: Path) -> None:
    first = RunFolder(parts / "part2")
    for wrong in (parts / "other", tmp_path):
        with pytest.raises(FolderError):
            merge(first, RunFolder(wrong))


def test_a_whole_grading_replaces_one_that_was_cut_off(parts: Path, tmp_path: Path) -> None:
    import shutil

    cut = tmp_path / "cut"
    shutil.copytree(parts / "whole", cut)
    log = next((cut / "graded").iterdir())
    log.write_bytes(log.read_bytes()[:-200])
    assert merge(RunFolder(cut), RunFolder(parts / "whole")) == 1
    assert log.read_bytes() == (parts / "whole" / "graded" / log.name).read_bytes()
    assert merge(RunFolder(parts / "whole"), RunFolder(cut)) == 0


def test_a_merge_that_was_killed_before_it_noted_a_log_takes_it_over_the_next_time(
    parts: Path, tmp_path: Path
) -> None:
    import shutil

    half = tmp_path / "half"
    shutil.copytree(parts / "whole", half)
    lines = (half / "batch.jsonl").read_text().splitlines(keepends=True)
    noted = [line for line in lines if '"grading"' in line]
    (half / "batch.jsonl").write_text("".join(line for line in lines if line != noted[0]))
    assert merge(RunFolder(half), RunFolder(parts / "whole")) == 1
    assert merge(RunFolder(half), RunFolder(parts / "whole")) == 0
    assert not list((half / "graded").glob("*.before_merge")), "nothing differed"


def test_a_doubted_batch_stays_in_doubt(parts: Path, tmp_path: Path) -> None:
    import shutil

    whole, doubted = tmp_path / "whole", tmp_path / "doubted"
    for copy in (whole, doubted):
        shutil.copytree(parts / "whole", copy)
    RunFolder(doubted).note(event="health", session="x", when="after", problems=["no"])
    for _ in range(2):
        merge(RunFolder(whole), RunFolder(doubted))
    assert (whole / "batch.jsonl").read_text().count('"session": "x"') == 1
