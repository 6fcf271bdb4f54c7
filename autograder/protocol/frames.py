"""Length-prefixed frames: a JSON message and any number of raw buffers.

    | u32 json bytes | u32 buffers | u64 bytes of each buffer ... | json | buffers ... |

All integers are little-endian. Lengths are checked against caps before anything is allocated.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.protocol.plain import Json, ProtocolError, decode, encode

MAX_JSON = 32 << 20
MAX_BUFFERS = 64
MAX_BUFFER_BYTES = 256 << 20
PIPE_CHUNK = 1 << 16

_HEAD = struct.Struct("<II")
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Frame:
    """One message. `buffers` are opaque here; the message says what they hold."""

    message: Json
    buffers: tuple[bytes, ...] = ()


def pack(message: Json, buffers: Sequence[bytes] = ()) -> bytes:
    """One frame as bytes.

    Raises:
        ProtocolError: the frame would be over a cap.
        ValueError: the message holds NaN or infinity.
        TypeError: the message is not plain data.
    """
    body = encode(message)
    raw = sum(map(len, buffers))
    if len(body) > MAX_JSON or len(buffers) > MAX_BUFFERS or raw > MAX_BUFFER_BYTES:
        raise ProtocolError(f"a frame of {len(body)} JSON bytes, {len(buffers)} buffers of {raw}")
    lengths = b"".join(_LENGTH.pack(len(buffer)) for buffer in buffers)
    return b"".join((_HEAD.pack(len(body), len(buffers)), lengths, body, *buffers))


def read_frame(read: Callable[[int], bytes]) -> Frame:
    """Read one frame.

    Args:
        read: gives exactly as many bytes as asked for, or raises.

    Raises:
        ProtocolError: a length is over its cap, or the message is not plain JSON.
    """
    json_bytes, count = _HEAD.unpack(read(_HEAD.size))
    if json_bytes > MAX_JSON or count > MAX_BUFFERS:
        raise ProtocolError(f"a frame that announces {json_bytes} JSON bytes, {count} buffers")
    lengths = [_LENGTH.unpack(read(_LENGTH.size))[0] for _ in range(count)]
    if sum(lengths) > MAX_BUFFER_BYTES:
        raise ProtocolError(f"a frame that announces {sum(lengths)} bytes of buffers")
    message = decode(read(json_bytes))
    return Frame(message, tuple(read(length) for length in lengths))


def write_all(fd: int, data: bytes) -> None:
    """Write everything to a blocking file descriptor."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view[:PIPE_CHUNK]) :]


def read_exactly(fd: int, count: int) -> bytes:
    """Read `count` bytes from a blocking file descriptor.

    Raises:
        EOFError: the other side closed before.
    """
    parts: list[bytes] = []
    while count:
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            raise EOFError("the other side closed the pipe")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
