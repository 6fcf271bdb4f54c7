"""Every source is recognised by what it is, and read to the letter of its format."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.batch.intake.found import Found, Person, SourceError
from autograder.batch.intake.git_clone import commit_time
from autograder.batch.intake.sources import kind_of, read_source
from autograder.batch.intake.sources.ruby_yaml import YamlError, read_entries
from tests.batch import samples


def read(build: Callable[[Path], Path], folder: Path) -> dict[str, Found]:
    return {one.key: one for one in read_source(build(folder))}


@pytest.mark.parametrize("kind", ["gradescope", "canvas", "moodle", "classroom50"])
def test_a_download_is_known_by_its_form(kind: str, tmp_path: Path) -> None:
    assert kind_of(getattr(samples, kind)(tmp_path)) == kind


def test_any_other_folder_is_plain(tmp_path: Path) -> None:
    samples.write(tmp_path, {"ada/pagedlab/ledger.py": "", "notes_1_2_x.py": ""})
    assert kind_of(tmp_path) == "plain"


def test_gradescope_names_groups_ids_and_instants(tmp_path: Path) -> None:
    found = read(samples.gradescope, tmp_path)
    first = found["submission_101"]
    assert first.people == (
        Person(student_id="0555", name="Ada Lovelace", email="ada@example.edu"),
        Person(student_id="556", name="Zoë O'Hara", email="zoe@example.edu"),
    )
    assert first.submitted_at == "2026-11-01T10:00:00.123000+00:00"
    assert found["submission_102"].people[0].name == "Graça Hopper"
    assert found["submission_102"].people[0].student_id == ""


def test_gradescope_folders_that_are_missing_are_told(tmp_path: Path) -> None:
    missing = read(samples.gradescope, tmp_path)["submission_103"]
    assert "no such file" in missing.problem and missing.people == ()
    assert missing.submitted_at.startswith("2026-11-01"), "an alias stands for its anchor"


@pytest.mark.parametrize("key", ["../elsewhere", "/etc"])
def test_gradescope_cannot_name_a_folder_elsewhere(key: str, tmp_path: Path) -> None:
    text = f"{key}:\n  :submitters:\n  - :name: X\n"
    (tmp_path / "submission_metadata.yml").write_text(text)
    (one,) = read_source(tmp_path)
    assert one.problem and one.sent == ()


@pytest.mark.parametrize(
    "text",
    [
        "a:\n  :submitters: {x: 1}\n",
        "a:\n  :submitters:\n  - just text\n",
        "a: 1\n",
        "  :name: x\n",
        "a:\nb:\na:\n",
    ],
)
def test_metadata_of_another_form_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(YamlError, match=r"^line \d"):
        read_entries(text, ":submitters", ())


def test_a_long_name_goes_on_in_the_next_line() -> None:
    text = "a:\n  :submitters:\n  - :name: 'One\n      Two'\n    :sid: '7'\n  - :name: B\n      C\n"
    entry = read_entries(text, ":submitters", ())["a"]
    assert entry.items == [{":name": "One Two", ":sid": "7"}, {":name": "B C"}]


def test_canvas_reads_names_ids_lateness_and_original_file_names(tmp_path: Path) -> None:
    found = read(samples.canvas, tmp_path)
    late = found["canvas_1002"]
    assert late.people == (Person(name="hoppergrace", canvas_id="1002"),)
    assert late.late is True and found["canvas_1001"].late is False
    assert [one.name for one in late.sent] == ["my project.zip"]
    assert {one.name for one in found["canvas_1003"].sent} >= {"ledger.py", "design.toml"}


def test_canvas_tells_entries_without_files(tmp_path: Path) -> None:
    found = read(samples.canvas, tmp_path)
    assert "an address" in found["canvas_1004"].problem
    assert "a text entry" in found["canvas_1005"].problem


def test_canvas_anonymous_late_is_no_name(tmp_path: Path) -> None:
    anonymous = read(samples.canvas, tmp_path)["canvas_anon_Ab1Cd"]
    assert anonymous.people == (Person(),) and anonymous.late is True


def test_moodle_reads_folders_and_loose_files(tmp_path: Path) -> None:
    found = read(samples.moodle, tmp_path)
    assert found["moodle_202"].people == (Person(name="Grace Brewster Hopper", moodle_id="202"),)
    assert [one.name for one in found["moodle_203"].sent] == ["work.zip"]
    assert "text entry" in found["moodle_204"].problem


def test_classroom50_takes_the_longest_username_and_the_graded_instant(tmp_path: Path) -> None:
    found = read(samples.classroom50, tmp_path)
    ada = found["cs-lab-ada-l"]
    assert ada.people == (Person(name="Ada Lovelace", email="ada@example.edu", username="ada-l"),)
    assert ada.submitted_at == "2026-11-01T10:00:00+00:00"
    assert found["cs-lab-stranger"].any_id == "stranger"


def test_a_plain_folder_holds_folders_and_archives(tmp_path: Path) -> None:
    samples.write(tmp_path / "ada", samples.project())
    samples.zipped(tmp_path / "grace.zip", samples.project())
    samples.tarred(tmp_path / "alan.tar.gz", samples.project())
    samples.write(tmp_path, {"readme.txt": "x", "__MACOSX/a": "x"})
    assert [one.key for one in read_source(tmp_path)] == ["ada", "alan", "grace"]


def test_a_plain_folders_manifest_names_students_and_times(tmp_path: Path) -> None:
    samples.write(tmp_path / "sub1", samples.project())
    text = "submission,email,submitted_at\nsub1,ada@example.edu,2026-11-01T10:00:00+01:00\n"
    samples.write(tmp_path, {"manifest.csv": text})
    (one,) = read_source(tmp_path)
    assert one.people[0].email == "ada@example.edu" and one.any_id == ""
    assert one.submitted_at == "2026-11-01T10:00:00+01:00"
    samples.write(tmp_path, {"manifest.csv": text + "sub2,x@y.edu,\n"})
    with pytest.raises(SourceError, match="sub2"):
        read_source(tmp_path)


def test_two_submissions_of_one_key_are_refused(tmp_path: Path) -> None:
    samples.write(tmp_path / "a b", samples.project())
    samples.write(tmp_path / "a_b", samples.project())
    with pytest.raises(SourceError, match="a_b"):
        read_source(tmp_path)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    samples.write(tmp_path / "clone", samples.project())

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        dates = {"GIT_COMMITTER_DATE": "2026-11-01T10:00:00+0130", "PATH": "/usr/bin:/bin"}
        subprocess.run(command, cwd=tmp_path / "clone", check=True, env=dates, capture_output=True)

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "one")
    return tmp_path / "clone"


def test_a_clone_tells_when_its_last_commit_was_made(clone: Path) -> None:
    assert commit_time(clone) == "2026-11-01T10:00:00+01:30"
    refs = {file: file.read_text() for file in (clone / ".git" / "refs" / "heads").iterdir()}
    packed = "".join(f"{text.strip()} refs/heads/{file.name}\n" for file, text in refs.items())
    (clone / ".git" / "packed-refs").write_text(packed)
    for file in refs:
        file.unlink()
    assert commit_time(clone) == "2026-11-01T10:00:00+01:30", "packed refs are read, too"


def test_a_clones_own_configuration_runs_nothing(clone: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    trap = f"touch {marker}"
    config = f'[core]\n\tfsmonitor = "{trap}"\n\tsshCommand = "{trap}"\n\tpager = "{trap}"\n'
    config += f'[log]\n\tshowSignature = true\n[gpg]\n\tprogram = "{trap}"\n'
    (clone / ".git" / "config").write_text(config)
    assert commit_time(clone) == "2026-11-01T10:00:00+01:30"
    assert not marker.exists()


def test_what_is_no_clone_has_no_time(tmp_path: Path) -> None:
    assert commit_time(tmp_path) == ""
    samples.write(tmp_path, {".git/HEAD": "ref: refs/../../../etc/passwd\n", ".git/objects/x": ""})
    assert commit_time(tmp_path) == ""
