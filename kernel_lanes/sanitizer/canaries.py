"""Small kernels that must be seen through: one is right, the others are wrong on purpose."""

from __future__ import annotations

import torch
import triton
import triton.language as tl


@triton.jit
def _copy(source, target, n, width: tl.constexpr):  # type: ignore[no-untyped-def]
    i = tl.program_id(0) * width + tl.arange(0, width)
    tl.store(target + i, tl.load(source + i, mask=i < n), mask=i < n)


@triton.jit
def _store_all(target, width: tl.constexpr):  # type: ignore[no-untyped-def]
    tl.store(target + tl.arange(0, width), 1.0)


@triton.jit
def _load_all(source, target, width: tl.constexpr):  # type: ignore[no-untyped-def]
    tl.store(target, tl.sum(tl.load(source + tl.arange(0, width)), 0))


@triton.jit
def _store_one(target):  # type: ignore[no-untyped-def]
    tl.store(target, tl.program_id(0).to(tl.float32))


@triton.jit
def _add_one(counter):  # type: ignore[no-untyped-def]
    tl.atomic_add(counter, 1.0)


@triton.jit
def _square(x, out, width: tl.constexpr):  # type: ignore[no-untyped-def]
    i, j = tl.arange(0, width)[:, None], tl.arange(0, width)[None, :]
    values = tl.load(x + i * width + j)
    product = tl.dot(values, values)
    tl.store(out + i * width + j, product.to(tl.bfloat16) + values * 2)


def copy(source: torch.Tensor) -> torch.Tensor:
    """A right kernel of two programs."""
    target = torch.empty_like(source)
    _copy[(2,)](source, target, source.numel(), width=16)
    return target


def store_past_the_end() -> None:
    """Writes 16 elements where there are 10. Behind them is room, lest a blind one do harm."""
    _store_all[(1,)](torch.zeros(32)[:10], width=16)


def load_past_the_end() -> None:
    """Reads 16 elements where there are 10."""
    _load_all[(1,)](torch.zeros(32)[:10], torch.zeros(1), width=16)


def load_undefined() -> None:
    """Reads what `torch.empty` gave."""
    _load_all[(1,)](torch.empty(16), torch.zeros(1), width=16)


def race() -> None:
    """Two programs write one element."""
    _store_one[(2,)](torch.zeros(1))


def count() -> torch.Tensor:
    """A right use of atomics by three programs."""
    counter = torch.zeros(1)
    _add_one[(3,)](counter)
    return counter


def square(x: torch.Tensor) -> torch.Tensor:
    """x·x + 2·x in bfloat16, rounded twice."""
    out = torch.empty_like(x)
    _square[(1,)](x, out, width=x.shape[0])
    return out
