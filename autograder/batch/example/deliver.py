"""How the students of the generated class hand in: as folders, archives, and in every wrong way."""

from __future__ import annotations

import gzip
import random
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

DUE = datetime.fromisoformat("2026-11-01T23:59:00+00:00")
EPOCH = (2026, 11, 1, 12, 0, 0)


def as_folder(work: Path, place: Path, name: str) -> None:
    """The folder itself."""
    shutil.copytree(work, place / name)


def as_zip(work: Path, place: Path, name: str) -> None:
    """A zip of the content."""
    _zip(work, place / f"{name}.zip", "")


def as_nested_zip(work: Path, place: Path, name: str) -> None:
    """A zip of the folder, as file managers make it."""
    _zip(work, place / f"{name}.zip", "pagedlab-main/")


def as_bare_zip(work: Path, place: Path, name: str) -> None:
    """A zip of what is in `pagedlab/`, without the folder."""
    _zip(work / "pagedlab", place / f"{name}.zip", "")


def as_tar(work: Path, place: Path, name: str) -> None:
    """A compressed tar."""
    with (
        (place / f"{name}.tar.gz").open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        archive.add(work, ".", filter=_plain_member)


def broken_archive(work: Path, place: Path, name: str) -> None:
    """An upload that was cut off."""
    as_zip(work, place, name)
    file = place / f"{name}.zip"
    file.write_bytes(file.read_bytes()[:900])


def climbing_archive(work: Path, place: Path, name: str) -> None:
    """An archive that wants to write elsewhere."""
    with zipfile.ZipFile(place / f"{name}.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("../../escaped.py", EPOCH), "owned = True\n")


def bomb(work: Path, place: Path, name: str) -> None:
    """A small archive of much nothing."""
    with zipfile.ZipFile(place / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("pagedlab/block_pool.py", EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, bytes(100 << 20))


def empty_folder(work: Path, place: Path, name: str) -> None:
    """Nothing."""
    (place / name).mkdir()


def essay(work: Path, place: Path, name: str) -> None:
    """Something else."""
    (place / name).mkdir()
    (place / name / "essay.txt").write_text("On the paging of attention.\n", encoding="utf-8")


Deliver = Callable[[Path, Path, str], None]
USUAL: Mapping[Deliver, int] = {
    as_zip: 60,
    as_folder: 20,
    as_nested_zip: 10,
    as_tar: 7,
    as_bare_zip: 3,
}
"""How students hand in, and how often."""
UNREADABLE: tuple[Deliver, ...] = (broken_archive, climbing_archive, bomb, empty_folder, essay)


def usual(dice: random.Random) -> Deliver:
    """One of the usual ways."""
    return dice.choices(list(USUAL), list(USUAL.values()))[0]


def instant(dice: random.Random) -> str:
    """When it was handed in: mostly before the due date, much of it in the last hours."""
    if dice.random() < 0.85:
        before = timedelta(hours=dice.expovariate(1 / 20))
        return (DUE - before).isoformat(timespec="seconds")
    return (DUE + timedelta(hours=dice.expovariate(1 / 30))).isoformat(timespec="seconds")


def _zip(folder: Path, target: Path, prefix: str) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(one for one in folder.rglob("*") if one.is_file()):
            info = zipfile.ZipInfo(prefix + file.relative_to(folder).as_posix(), EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())


def _plain_member(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mtime, info.uid, info.gid, info.uname, info.gname = 0, 0, 0, "", ""
    return info
