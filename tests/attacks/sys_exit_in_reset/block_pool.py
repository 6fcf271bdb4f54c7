

import sys


def _reset_prefix_cache(self):
    sys.exit(0)


BlockPool.reset_prefix_cache = _reset_prefix_cache
