

class _Liar(float):
    """A number that says that it is everything else."""

    __class__ = bool

    def __eq__(self, other):
        return True

    def __float__(self):
        raise SystemExit(0)

    def __repr__(self):
        return "0.5" * 1_000_000

    __hash__ = float.__hash__


def _deep():
    nest = []
    for _ in range(100_000):
        nest = [nest]
    return nest


_ODD = [
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: 10**5000,
    lambda: -(1 << 70),
    lambda: "0.5" * 4_000_000,
    lambda: "\ud800",
    lambda: True,
    lambda: [0.5] * 1_000_000,
    _deep,
    lambda: {"error": "NotImplementedError"},
    lambda: _Liar("nan"),
    lambda: iter(int, 1),
]
_calls = 0


def _get_usage(self):
    global _calls
    _calls += 1
    return _ODD[(self.get_num_free_blocks() + _calls) % len(_ODD)]()


BlockPool.get_usage = _get_usage
