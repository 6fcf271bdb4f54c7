"""Whatever is handed in becomes one line: a snapshot of the project, or why there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.batch.intake.found import SourceError
from autograder.batch.intake.intake import take_in
from autograder.batch.intake.manifest import Entry
from autograder.batch.intake.names import Refused
from autograder.batch.intake.project_root import find_root
from autograder.batch.intake.snapshot import digest_of_folder
from tests.batch import samples
from tests.batch.samples import MODULES, PROJECT, project, write, zipped

BARE = {"ledger.py": "x = 1\n", "test_ledger.py": "t = 1\n", "design.toml": "[s]\n"}


def entries(download: Path, tmp_path: Path, kind: str = "") -> dict[str, Entry]:
    store = tmp_path / "store"
    return {one.key: one for one in take_in(download, store, MODULES, None, kind)}


def kept(entry: Entry, tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "store" / entry.content
    found = [one for one in folder.rglob("*") if one.is_file()]
    return {one.relative_to(folder).as_posix(): one.read_text() for one in found}


def nested(prefix: str) -> dict[str, str]:
    return {f"{prefix}{name}": text for name, text in PROJECT.items()}


@pytest.mark.parametrize("prefix", ["", "pagedlab-main/", "a/b/c/", "pagedlab/"])
def test_the_project_is_found_wherever_it_was_zipped(prefix: str, tmp_path: Path) -> None:
    zipped(tmp_path / "in" / "ada.zip", nested(prefix))
    write(tmp_path / "in" / "grace", nested(prefix))
    found = entries(tmp_path / "in", tmp_path)
    assert found["ada"].problem == "" and kept(found["ada"], tmp_path) == dict(PROJECT)
    assert found["ada"].content == found["grace"].content, "the same content has the same name"
    assert bool(found["ada"].notes) == bool(prefix), "a repair is told"


def test_modules_without_their_folder_are_put_into_it(tmp_path: Path) -> None:
    zipped(tmp_path / "in" / "ada.zip", BARE)
    ada = entries(tmp_path / "in", tmp_path)["ada"]
    assert kept(ada, tmp_path) == {
        "pagedlab/ledger.py": "x = 1\n",
        "tests/test_ledger.py": "t = 1\n",
        "design.toml": "[s]\n",
    }
    assert "without a folder pagedlab/" in ada.notes[0]


def test_only_what_can_be_graded_or_read_is_kept(tmp_path: Path) -> None:
    more = {"autograder/judge.py": "x", ".venv/a.py": "x", "run.sh": "x", "NOTES.md": "n"}
    write(tmp_path / "in" / "ada", {**PROJECT, **more})
    ada = entries(tmp_path / "in", tmp_path)["ada"]
    assert set(kept(ada, tmp_path)) == {*PROJECT, "NOTES.md"}


def test_two_projects_none_and_nothing_have_reasons(tmp_path: Path) -> None:
    write(tmp_path / "in" / "two", {**nested("a/"), **nested("b/")})
    write(tmp_path / "in" / "none", {"essay.txt": "words"})
    (tmp_path / "in" / "empty").mkdir()
    zipped(tmp_path / "in" / "inner.zip", {"x/work.zip": "PK"})
    (tmp_path / "in" / "broken.zip").write_bytes(b"no archive")
    found = entries(tmp_path / "in", tmp_path)
    assert "more than one project" in found["two"].problem
    assert "no folder pagedlab/" in found["none"].problem
    assert "nothing was sent" in found["empty"].problem
    assert "no folder pagedlab/" in found["inner"].problem
    assert "damaged" in found["broken"].problem
    assert all(one.content == "" for one in found.values())


def test_the_nearest_project_is_meant(tmp_path: Path) -> None:
    old = {f"old/{name}": "old" for name in PROJECT}
    assert find_root(write(tmp_path, {**PROJECT, **old}), MODULES).folder == tmp_path


def test_a_folder_that_is_named_right_and_holds_no_module_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no folder pagedlab/"):
        find_root(write(tmp_path, {"pagedlab/other.py": ""}), MODULES)


def test_links_and_odd_files_in_a_folder_are_left_out_and_told(tmp_path: Path) -> None:
    ada = write(tmp_path / "in" / "ada", project())
    (tmp_path / "secret.py").write_text("secret")
    (ada / "pagedlab" / "link.py").symlink_to(tmp_path / "secret.py")
    (ada / "tests" / "outside").symlink_to(tmp_path)
    os.mkfifo(ada / "pagedlab" / "pipe.py")
    (ada / "pagedlab" / "odd\nname.py").write_text("")
    found = entries(tmp_path / "in", tmp_path)["ada"]
    assert set(kept(found, tmp_path)) == set(PROJECT) and len(found.notes) == 4


def test_a_project_that_is_a_link_itself_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "other", PROJECT)
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "pagedlab").symlink_to(tmp_path / "other" / "pagedlab")
    assert entries(tmp_path / "in", tmp_path)["ada"].content == ""


def test_one_bad_submission_leaves_the_others_alone(tmp_path: Path) -> None:
    zipped(tmp_path / "in" / "evil.zip", {"../evil.py": "x"})
    zipped(tmp_path / "in" / "good.zip", project())
    found = entries(tmp_path / "in", tmp_path)
    assert "leads out" in found["evil"].problem and found["good"].content
    assert not any("evil" in one.name for one in tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["gradescope", "canvas", "moodle", "classroom50"])
def test_each_download_is_taken_in_as_a_folder_and_as_the_archive(
    kind: str, tmp_path: Path
) -> None:
    folder = getattr(samples, kind)(tmp_path / "download")
    found = entries(folder, tmp_path)
    assert sum(bool(one.content) for one in found.values()) >= 2
    assert all(bool(one.content) != bool(one.problem) for one in found.values())
    for prefix in ("", "assignment_export/"):
        files = [one for one in folder.rglob("*") if one.is_file()]
        members = {f"{prefix}{one.relative_to(folder)}": one.read_bytes() for one in files}
        archive = zipped(tmp_path / "download.zip", members)
        again = entries(archive, tmp_path)
        assert {k: e.content for k, e in again.items()} == {k: e.content for k, e in found.items()}


def test_a_download_that_is_none_is_told(tmp_path: Path) -> None:
    for download in (tmp_path / "nowhere", zipped(tmp_path / "x.zip", {})):
        if download.name == "nowhere":
            with pytest.raises(SourceError, match="no such folder"):
                entries(download, tmp_path)
        else:
            assert entries(download, tmp_path) == {}


def test_a_digest_tells_names_and_contents_apart(tmp_path: Path) -> None:
    folders = [{"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a/b": "c"}]
    digests = {
        digest_of_folder(write(tmp_path / str(number), files))
        for number, files in enumerate(folders)
    }
    assert len(digests) == len(folders)
