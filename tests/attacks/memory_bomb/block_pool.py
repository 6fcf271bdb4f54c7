

def _check_integrity(self):
    hoard = []
    for _ in range(64):  # bounded, for machines on which nothing else bounds it
        try:
            hoard.append(b"x" * (64 << 20))
        except MemoryError:
            hoard.append(b"x")
    raise MemoryError(len(hoard))


BlockPool.check_integrity = _check_integrity
