"""A hostile archive is refused whole, with its reason, and writes nothing outside its folder."""

from __future__ import annotations

import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from autograder.batch.intake.names import Refused
from autograder.batch.intake.unpack import Caps, unpack
from tests.batch.samples import PROJECT, tarred, write, zipped

SMALL = Caps(packed_bytes=1 << 20, members=60, files=20, file_bytes=1 << 16, total_bytes=1 << 18)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "a" / "into"
    folder.mkdir(parents=True)
    return folder


def files(folder: Path) -> dict[str, str]:
    found = [one for one in folder.rglob("*") if one.is_file()]
    return {one.relative_to(folder).as_posix(): one.read_text() for one in found}


@pytest.mark.parametrize("ending", [":gz", ":bz2", ":xz", ""])
def test_honest_tars_are_unpacked(ending: str, tmp_path: Path, into: Path) -> None:
    write(tmp_path / "own", PROJECT)
    with tarfile.open(tmp_path / "x.tar", f"w{ending}") as archive:  # type: ignore[call-overload]
        archive.add(tmp_path / "own", ".")
    unpack(tmp_path / "x.tar", into)
    assert files(into) == dict(PROJECT)


def test_an_honest_zip_is_unpacked_without_what_came_along(tmp_path: Path, into: Path) -> None:
    junk = {"__MACOSX/._a": "x", ".git/config": "x", "pagedlab/__pycache__/a.pyc": "x"}
    unpack(zipped(tmp_path / "x.zip", {**PROJECT, **junk, "tests/": ""}), into)
    assert files(into) == dict(PROJECT)


NAMES = ["../x", "a/../../x", "/etc/x", "C:/x", "a\\..\\x", "a\x00b", "a\nb", "x" * 300, "a/" * 40]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_elsewhere_or_are_no_names_are_refused(
    name: str, tmp_path: Path, into: Path
) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("placeholder" if "\x00" in name else name, "x")
    if "\x00" in name:
        archive.write_bytes(archive.read_bytes().replace(b"placeholder", b"a\x00b/c/d/e/f"[:11]))
    with pytest.raises(Refused):
        unpack(archive, into)
    assert not files(into.parent)
    if "\x00" not in name:
        info = tarfile.TarInfo(name)
        with pytest.raises(Refused):
            unpack(tarred(tmp_path / "x.tgz", {}, [info]), into)
        assert not files(into.parent)


LINKS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]


@pytest.mark.parametrize("kind", LINKS)
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path, into: Path) -> None:
    info = tarfile.TarInfo("pagedlab")
    info.type, info.linkname = kind, str(tmp_path)
    with pytest.raises(Refused, match="link or a special"):
        unpack(tarred(tmp_path / "x.tgz", {"pagedlab/x": "1"}, [info]), into)
    assert not files(tmp_path / "a") and not (tmp_path / "x").exists()


def test_a_link_in_a_zip_is_refused(tmp_path: Path, into: Path) -> None:
    modes = {"pagedlab": 0o120777}
    archive = zipped(tmp_path / "x.zip", {"pagedlab": str(tmp_path), "pagedlab/x": "1"}, modes)
    with pytest.raises(Refused, match="link"):
        unpack(archive, into)


def test_a_classes_download_passes_over_one_students_oddities(tmp_path: Path, into: Path) -> None:
    modes = {"evil": 0o120777}
    members = {"evil": "/etc", "../out": "x", "ada/pagedlab/a.py": "1"}
    unpack(zipped(tmp_path / "x.zip", members, modes), into, tolerant=True)
    assert files(into.parent) == {"into/ada/pagedlab/a.py": "1"}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_bombs_are_refused_by_what_comes_out_of_them(pack, tmp_path: Path, into: Path) -> None:
    for name, members in {
        "big": {"a.py": "0" * (1 << 17)},
        "many": {f"{i}.py": "" for i in range(21)},
        "entries": {f".git/{i}": "" for i in range(61)},
        "sum": {f"{i}.py": "0" * (1 << 15) for i in range(15)},
    }.items():
        with pytest.raises(Refused, match="over"):
            unpack(pack(tmp_path / f"{name}.zip", members), into / name, SMALL)


def test_a_size_that_lies_is_not_believed(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "x.zip", {"a.py": "0" * (1 << 17)})
    data = archive.read_bytes()
    archive.write_bytes(data.replace(struct.pack("<L", 1 << 17), struct.pack("<L", 10)))
    with pytest.raises(Refused):
        unpack(archive, into, SMALL)
    assert sum(map(len, files(into).values())) <= SMALL.file_bytes


def test_a_bomb_inside_junk_or_headers_is_refused(tmp_path: Path, into: Path) -> None:
    junk = tarred(tmp_path / "junk.tgz", {".git/x": "0" * (1 << 20)})
    with pytest.raises(Refused, match="unpacks to over"):
        unpack(junk, into, SMALL)
    info = tarfile.TarInfo("x")
    info.pax_headers = {"comment": "0" * (1 << 20)}
    with pytest.raises(Refused):
        unpack(tarred(tmp_path / "pax.tgz", {}, [info]), into, SMALL)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path, into: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as file, pytest.warns(UserWarning):
        file.writestr("pagedlab/a.py", "seen by a reviewer")
        file.writestr("pagedlab/a.py", "graded")
    with pytest.raises(Refused, match="twice"):
        unpack(archive, into)


def test_a_folder_under_a_file_is_refused(tmp_path: Path, into: Path) -> None:
    with pytest.raises(Refused):
        unpack(zipped(tmp_path / "x.zip", {"a": "1", "a/b": "2"}), into)


@pytest.mark.parametrize("cut", [0, 3, 40, -30])
def test_a_damaged_archive_is_refused(cut: int, tmp_path: Path, into: Path) -> None:
    for archive in (zipped(tmp_path / "x.zip", PROJECT), tarred(tmp_path / "x.tgz", PROJECT)):
        archive.write_bytes(archive.read_bytes()[:cut])
        with pytest.raises(Refused):
            unpack(archive, into / archive.name)


def test_an_encrypted_zip_is_refused(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "x.zip", {"a.py": "x"})
    data = bytearray(archive.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(Refused, match="encrypted"):
        unpack(archive, into)


def test_an_archive_that_is_too_large_is_not_even_opened(tmp_path: Path, into: Path) -> None:
    with (tmp_path / "x.zip").open("wb") as file:
        file.truncate(SMALL.packed_bytes + 1)
    with pytest.raises(Refused, match="archive is over"):
        unpack(tmp_path / "x.zip", into, SMALL)


def test_random_bytes_never_raise_anything_else(tmp_path: Path, into: Path) -> None:
    import random

    random.seed(1)
    good = [
        zipped(tmp_path / "z", PROJECT).read_bytes(),
        tarred(tmp_path / "t", PROJECT).read_bytes(),
    ]
    for number in range(120):
        data = bytearray(random.choice(good))
        for _ in range(random.randint(1, 12)):
            data[random.randrange(len(data))] = random.randrange(256)
        (tmp_path / "fuzzed").write_bytes(data)
        try:
            unpack(tmp_path / "fuzzed", into / str(number), SMALL)
        except Refused:
            pass
    assert {one.name for one in tmp_path.iterdir()} == {"a", "z", "t", "fuzzed"}
