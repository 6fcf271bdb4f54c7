"""Random programs of row operations; one in many is refused."""

from __future__ import annotations

from random import Random

from stage2.language import add_row, append_row, clear_row, move_row, rows, swap_row

from autograder.program.model import Program


def row_program(seed: int, size: int) -> Program:
    """A program of about `size` operations on a batched table, the same for the same seed."""
    random = Random(seed)
    reqs, width = random.randint(2, 5), random.randint(1, 6)
    ops = [rows(reqs, width)]
    while len(ops) < size:
        # One in twenty rows, and now and then a list, is out of bounds.
        row, other = (random.randrange(reqs) for _ in range(2))
        row = random.choice((-1, reqs)) if random.random() < 0.05 else row
        ids = [random.randrange(1, 1 << 31) for _ in range(random.randint(0, width // 2 + 1))]
        made = (
            add_row(row, *ids),
            *[append_row(row, *ids)] * 3,
            clear_row(row),
            move_row(row, other),
            swap_row(row, other),
        )
        ops.append(random.choice(made))
    return tuple(ops)
