"""What Triton's compiler writes to standard error from C++, where no exception tells it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

_ERROR = re.compile(r"^(?:loc\()?\"?([^\n\"]*?)\"?:(\d+):\d+\)?: error: (.*)$", re.MULTILINE)


class Diagnostics:
    """What has been written while it was listened to."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.text = ""

    def first_error(self) -> str:
        """The first error, as file:line and what is wrong; "" if there is none."""
        match = _ERROR.search(self.text)
        return f"{PurePath(match[1]).name}:{match[2]}: {match[3].strip()[:400]}" if match else ""


@contextmanager
def listened() -> Iterator[Diagnostics]:
    """Take in what is written to descriptor 2, which nobody else gets to see meanwhile."""
    heard = Diagnostics()
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield heard
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            heard.text = file.read(1 << 16).decode("utf-8", "replace")
