"""What a killed grading left is removed; what is in use, or not ours to remove, is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.judge.scratch import PREFIX, scratch_folder

ROOT = Path(__file__).resolve().parents[2]
OWNER = """
import sys, time
from pathlib import Path
from autograder.judge.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "file").write_text("left")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_gone_when_its_grading_has_ended(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        (folder / "file").write_text("used", encoding="utf-8")
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_grading_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    owner = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    left = Path(owner.stdout.readline().strip())
    with scratch_folder(tmp_path):
        assert (left / "file").is_file(), "its owner still lives"
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert left.is_dir()
    with scratch_folder(tmp_path):
        assert not left.exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / f"{PREFIX}link").symlink_to(target)
    with scratch_folder(tmp_path / "place"):
        pass
    assert target.is_dir()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / f"{PREFIX}others"
    other.mkdir()
    os.chown(other, 12345, 12345)
    with scratch_folder(tmp_path):
        assert other.is_dir()
