"""Unpack what students send. An archive that could do harm is refused whole, with the reason."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from autograder.batch.intake.names import Refused, checked_name, is_junk

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
PIECE = 1 << 16
Member = tuple[str, str, Callable[[], IO[bytes]]]
"""A member of an archive: its name, what is odd about it or "folder" or "", and its content."""
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError)
ODD = (ValueError, NotImplementedError, RuntimeError, UnicodeError, MemoryError)


@dataclass(frozen=True)
class Caps:
    """The most that one delivery may hold, counted as it is unpacked and not as it says.

    Attributes:
        packed_bytes: size of the archive itself.
        members: entries of the archive, junk among them.
        files: files that are kept.
        file_bytes: of one of them.
        total_bytes: of all of them; a tar file's junk counts, as it must be unpacked to be passed.
    """

    packed_bytes: int = 64 << 20
    members: int = 50_000
    files: int = 2_000
    file_bytes: int = 8 << 20
    total_bytes: int = 64 << 20


STUDENT = Caps()
EXPORT = Caps(8 << 30, 2_000_000, 2_000_000, 1 << 30, 32 << 30)
"""A gradebook's whole download, which the instructor made: large, but as little believed."""


def is_archive(name: str) -> bool:
    """True if a file's name says that it is an archive of a kind that is unpacked."""
    return name.lower().endswith(SUFFIXES)


def unpack(archive: Path, into: Path, caps: Caps = STUDENT, tolerant: bool = False) -> None:
    """Write the files of an archive below `into`, which exists and is empty.

    Links, devices, encrypted members, names that lead elsewhere or stand twice, and more than the
    caps allow are refused; what was written till then is left to the caller to remove.

    Args:
        archive: zip or tar, by its content.
        into: gets the files.
        caps: the most it may hold.
        tolerant: pass over links, devices and odd names instead of refusing the whole archive: it
            is a class's download, and one student's file must not hold up the others.

    Raises:
        Refused: the archive is not to be trusted, or cannot be read.
    """
    try:
        if archive.stat().st_size > caps.packed_bytes:
            raise Refused(f"the archive is over {_size(caps.packed_bytes)}")
        with archive.open("rb") as file:
            zipped = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
            file.seek(0)
            writer = _Writer(into, caps)
            for name, kind, source in _zip(file, caps) if zipped else _tar(file, caps):
                try:
                    path = checked_name(name)
                    if is_junk(path) or kind == "folder":
                        continue
                    if kind:
                        raise Refused(f"{path} is {kind}")
                except Refused:
                    if tolerant:
                        continue
                    raise
                with source() as data:
                    writer.write(path, data)
    except BROKEN as error:
        raise Refused(f"the archive is damaged or of an unknown kind ({error})") from None
    except ODD as error:
        raise Refused(f"the archive cannot be unpacked ({error})") from None


class _Writer:
    """Writes files, and counts what it writes."""

    def __init__(self, into: Path, caps: Caps) -> None:
        self._into, self._caps = into, caps
        self._files = self._bytes = 0

    def write(self, name: PurePosixPath, source: IO[bytes]) -> None:
        """Write one file, in pieces: what a header says of its size is not believed."""
        self._files += 1
        if self._files > self._caps.files:
            raise Refused(f"the archive holds over {self._caps.files} files")
        target = self._into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        written = 0
        try:
            file = target.open("xb")
        except FileExistsError:
            raise Refused(f"{ascii(str(name))} stands twice in the archive") from None
        with file:
            while piece := source.read(PIECE):
                written += len(piece)
                self._bytes += len(piece)
                if written > self._caps.file_bytes:
                    raise Refused(f"{name} is over {_size(self._caps.file_bytes)}")
                if self._bytes > self._caps.total_bytes:
                    raise Refused(f"the files are over {_size(self._caps.total_bytes)} in all")
                file.write(piece)


def _zip(file: IO[bytes], caps: Caps) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > caps.members:
            raise Refused(f"the archive has over {caps.members} entries")
        for member in members:
            form = stat.S_IFMT(member.external_attr >> 16)
            kind = "folder" if member.is_dir() else ""
            if not kind and form not in (0, stat.S_IFREG):
                kind = "a link or a special file"
            if not kind and member.flag_bits & 1:
                kind = "encrypted"
            # What zipfile shows ends at a NUL; the name as it stands in the archive does not.
            yield member.orig_filename, kind, partial(archive.open, member)


def _tar(file: IO[bytes], caps: Caps) -> Iterator[Member]:
    counted = cast(IO[bytes], _Counted(_decompressed(file), 2 * caps.total_bytes))
    with tarfile.open(fileobj=counted, mode="r|") as archive:
        for number, member in enumerate(archive):
            if number >= caps.members:
                raise Refused(f"the archive has over {caps.members} entries")
            kind = "folder" if member.isdir() else "a link or a special file"
            if member.isreg() and not member.issparse():
                kind = ""
            yield member.name, kind, partial(_tar_member, archive, member)


def _tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    source = archive.extractfile(member)
    assert source is not None, "it is a regular file"
    return source


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    head = file.read(6)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if head.startswith(b"BZh"):
        return cast(IO[bytes], bz2.BZ2File(file))
    if head.startswith(b"\xfd7zXZ\x00"):
        return cast(IO[bytes], lzma.LZMAFile(file))
    return file


class _Counted:
    """A stream that ends in a refusal when more comes out of it than any honest archive holds."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._left, self._most = stream, most, most

    def read(self, size: int = -1) -> bytes:
        """As a file does, but never more than a piece at a time."""
        data = self._stream.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise Refused(f"the archive unpacks to over {_size(self._most)}")
        return data


def _size(count: int) -> str:
    return f"{count >> 20} MB"
