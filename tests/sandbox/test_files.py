"""What a worker can and cannot do to files."""

from __future__ import annotations

import os
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import filesystem, syscalls
from autograder.sandbox.isolation import Isolation, Layer, Tier

Confine = Callable[..., Any]
Refused = Callable[[Callable[[], Any]], str]


def _file(folder: Path, name: str, text: str = "text") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_hidden_file_that_its_mode_opens_to_all_cannot_be_read(
    confine: Confine, strong_tier: Isolation, refused: Refused, open_dir: Path
) -> None:
    secret = _file(open_dir, "secret")
    assert stat.S_IMODE(secret.stat().st_mode) & 0o004
    assert confine(lambda: refused(secret.read_text), strong_tier)


def test_hidden_file_is_not_even_there_in_namespaces(
    confine: Confine, namespaces: Isolation, open_dir: Path
) -> None:
    secret = _file(open_dir, "secret")
    assert confine(secret.exists, namespaces) is False


def test_limits_alone_hide_nothing(
    confine: Confine, refused: Refused, limits_only: Isolation, open_dir: Path
) -> None:
    secret = _file(open_dir, "secret")
    assert confine(lambda: refused(secret.read_text), limits_only) == ""


def test_another_uid_cannot_read_what_is_closed_to_others(
    confine: Confine, refused: Refused, uid_only: Isolation, open_dir: Path
) -> None:
    secret = _file(open_dir, "secret")
    secret.chmod(0o600)
    assert confine(lambda: refused(secret.read_text), uid_only) == "PermissionError"


def test_readable_paths_can_be_read_wherever_they_lie(
    confine: Confine, any_tier: Isolation, open_dir: Path
) -> None:
    inner = _file(open_dir, "deep/below/tmp/inner", "inner")
    single = _file(open_dir, "single", "single")
    link = open_dir / "link"
    link.symlink_to(open_dir / "deep")
    paths = (str(link / "below"), str(single))

    def read() -> list[str]:
        return [(link / "below/tmp/inner").read_text(), inner.read_text(), single.read_text()]

    assert confine(read, any_tier, readable=paths) == ["inner", "inner", "single"]


def test_readable_paths_cannot_be_changed(
    confine: Confine, strong_tier: Isolation, refused: Refused, open_dir: Path
) -> None:
    inner = _file(open_dir, "folder/inner")
    open_dir.chmod(0o777)
    inner.parent.chmod(0o777)
    inner.chmod(0o666)

    def change() -> list[str]:
        return [
            refused(lambda: inner.write_text("other")),
            refused(lambda: (inner.parent / "new").write_text("new")),
            refused(inner.unlink),
            refused(lambda: inner.chmod(0o600)),
            refused(lambda: os.utime(inner)),
            refused(lambda: os.truncate(inner, 0)),
            refused(lambda: os.close(os.open(inner, os.O_RDONLY | os.O_TRUNC))),
            refused(lambda: inner.rename(inner.parent / "renamed")),
        ]

    answers = confine(change, strong_tier, readable=(str(inner.parent),))
    assert all(answers), answers
    assert inner.read_text() == "text"
    assert stat.S_IMODE(inner.stat().st_mode) == 0o666


def test_the_system_and_the_interpreter_cannot_be_changed(
    confine: Confine, any_tier: Isolation, refused: Refused
) -> None:
    if any_tier.tier is Tier.LIMITS:
        pytest.skip("limits alone promise nothing about files")
    module = os.path.join(sysconfig.get_path("stdlib"), "os.py")

    def change() -> list[str]:
        return [
            refused(lambda: open(module, "a")),
            refused(lambda: open("/usr/new", "w")),
            refused(lambda: open("/usr/bin/env", "a")),
            refused(lambda: open(os.path.join(sys.prefix, "new"), "w")),
        ]

    answers = confine(change, any_tier)
    assert all(answers), answers


def test_root_of_the_file_tree_cannot_be_written(
    confine: Confine, namespaces: Isolation, refused: Refused
) -> None:
    assert confine(lambda: refused(lambda: os.mkdir("/new")), namespaces)


def test_worker_starts_in_a_private_folder_that_is_also_its_home(
    confine: Confine, any_tier: Isolation
) -> None:
    name = f"file-{os.getpid()}"

    def use() -> list[str]:
        Path(name).write_text("x")
        with tempfile.NamedTemporaryFile() as named:
            return [os.getcwd(), os.environ["HOME"], os.path.dirname(named.name)]

    first, second = confine(use, any_tier), confine(use, any_tier)
    assert len(set(first)) == 1
    assert any_tier.tier is not Tier.NAMESPACES or first[0] == "/tmp"
    assert any_tier.tier is Tier.NAMESPACES or first != second
    assert not Path(first[0], name).exists()


def test_private_folder_is_gone_when_the_worker_is(confine: Confine, any_tier: Isolation) -> None:
    name = f"a-{os.getpid()}"

    def fill() -> str:
        os.makedirs(f"{name}/b/c")
        os.chdir(name)
        return os.environ["HOME"]

    folder = confine(fill, any_tier)
    assert not Path(folder, name).exists()
    assert folder == filesystem.WORK or not Path(folder).exists()


def test_all_files_together_cannot_outgrow_the_private_tmp(
    confine: Confine, namespaces: Isolation
) -> None:
    def fill() -> int:
        written = 0
        try:
            for number in range(8):
                written += Path(f"/tmp/{number}").write_bytes(bytes(1 << 19))
        except OSError:
            pass
        return written

    assert confine(fill, namespaces) <= 1 << 20


def test_standard_devices_work(confine: Confine, strong_tier: Isolation) -> None:
    def use() -> list[int]:
        Path("/dev/null").write_bytes(b"gone")
        return [len(Path("/dev/null").read_bytes()), len(os.urandom(3)), _first("/dev/zero")]

    def _first(path: str) -> int:
        with open(path, "rb") as device:
            return device.read(1)[0]

    assert confine(use, strong_tier) == [0, 3, 0]


def test_mounts_stay_read_only_on_a_kernel_without_mount_setattr(
    confine: Confine,
    namespaces: Isolation,
    refused: Refused,
    open_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(target: str, attributes: int) -> None:
        raise OSError(38, "Function not implemented", "mount_setattr")

    monkeypatch.setattr(syscalls, "set_mount_attributes", missing)
    bare = Isolation(Tier.NAMESPACES, (), namespaces.layers - {Layer.LANDLOCK})
    inner = _file(open_dir, "a b/inner")
    inner.chmod(0o666)
    inner.parent.chmod(0o777)

    def change() -> list[str]:
        new = inner.parent / "new"
        return [refused(lambda: open(inner, "a")), refused(lambda: open(new, "w"))]

    assert confine(change, bare, readable=(str(inner.parent),)) == ["OSError", "OSError"]


def test_worker_runs_without_proc_where_none_can_be_mounted(
    confine: Confine, namespaces: Isolation
) -> None:
    bare = Isolation(Tier.NAMESPACES, (), namespaces.layers - {Layer.PROC})
    assert confine(lambda: [os.path.exists("/proc"), os.getpid()], bare) == [False, 2]


@pytest.mark.parametrize("path", ["/", "/tmp", "/proc", "relative", "/not/there"])
def test_readable_path_that_cannot_be_meant_is_refused(
    confine: Confine, any_tier: Isolation, path: str
) -> None:
    said = confine(lambda: "entered", any_tier, readable=(path,))
    assert path in said["sandbox error"]


def test_readable_path_closed_to_the_workers_user_is_refused_in_one_line(
    confine: Confine, namespaces: Isolation, open_dir: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's worker has that user's rights")
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    said = confine(lambda: "entered", namespaces, readable=(str(closed),))["sandbox error"]
    assert str(closed) in said
    assert "chmod" in said
    assert "\n" not in said


def test_scratch_options_name_owner_and_size() -> None:
    options = filesystem.Scratch(7, 8, 9).options()
    assert options.startswith("uid=7,gid=8,mode=0700,size=9,")
