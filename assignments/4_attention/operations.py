"""The operations of stage 4: calls of the submission, with tensors that the worker makes.

A batch is told by its shape and a seed; every number in it follows. Each operation stands alone.
"""

from __future__ import annotations

from autograder.paged_batch.scores import SoftmaxSpec
from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.program.model import Op

Order = str | int


def softmax(spec: SoftmaxSpec) -> Op:
    """Fold tiles of scores into states, merge them, and finish."""
    return Op("softmax", spec.changed())


def write(spec: WriteSpec, order: Order = "forward") -> Op:
    """Write a batch's K and V into a cache.

    Args:
        spec: the batch.
        order: in which the kernel's programs run: "forward", "reverse", or the seed of a shuffle.
    """
    return Op("write", {**spec.changed(), **_order(order)})


def attend(spec: BatchSpec, order: Order = "forward", far: bool = False) -> Op:
    """Attend over a batch.

    Args:
        spec: the batch.
        order: as for `write`.
        far: put the blocks into caches that reach beyond 2^31 elements.
    """
    return Op("attend", {**spec.changed(), **_order(order), **({"far": True} if far else {})})


def as_c(spec: BatchSpec) -> Op:
    """Attend over a batch that only compiled kernels can do in time. The driver does not run it."""
    return Op("attend", {**spec.changed(), "as_c": True})


def unlaunched(spec: BatchSpec | WriteSpec) -> Op:
    """The same call, with kernels that do not run when they are launched."""
    name = "attend" if isinstance(spec, BatchSpec) else "write"
    return Op(name, {**spec.changed(), "run": False})


def misfit(module: str, wrong: str) -> Op:
    """A call whose arguments do not fit one another in one respect."""
    return Op("misfit", {"module": module, "wrong": wrong})


def decode(*seq_lens: int, **fields: object) -> BatchSpec:
    """A batch of sequences that compute one token each."""
    return BatchSpec(seq_lens, (1,) * len(seq_lens), **fields)  # type: ignore[arg-type]


def ragged(*sequences: tuple[int, int], **fields: object) -> BatchSpec:
    """A batch of sequences, each by its length and how many tokens it computes."""
    seq_lens, query_lens = zip(*sequences, strict=True)
    return BatchSpec(seq_lens, query_lens, **fields)  # type: ignore[arg-type]


HOW = ("order", "run", "far", "as_c")
"""Arguments of an operation that are not of the batch itself."""


def batch_of(op: Op) -> BatchSpec:
    """The batch that an operation attends over."""
    return BatchSpec.from_json({key: op.args[key] for key in op.args if key not in HOW})


def write_of(op: Op) -> WriteSpec:
    """The batch that an operation writes."""
    return WriteSpec.from_json({key: op.args[key] for key in op.args if key not in HOW})


def _order(order: Order) -> dict[str, Order]:
    return {} if order == "forward" else {"order": order}
