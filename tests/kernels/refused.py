"""Kernels that the interpreter runs and a GPU's compiler refuses."""

import triton
import triton.language as tl


@triton.jit
def changes_type(out, n):
    total = 0
    for i in range(n):  # refused: type
        total = total + i * 0.5
    tl.store(out, total)


@triton.jit
def dot_too_small(x, out):
    i, j = tl.arange(0, 8)[:, None], tl.arange(0, 8)[None, :]
    v = tl.load(x + i * 8 + j)
    tl.store(out + i * 8 + j, tl.dot(v, v))  # refused: dot


@triton.jit
def python_inside(x, out):
    names = {"a": 1}  # refused: dict
    tl.store(out, tl.load(x) * names["a"])


@triton.jit
def helper(a, b):
    return a @ b  # refused: helper


@triton.jit
def calls_helper(x, out):
    tl.store(out, helper(tl.load(x), 2.0))


@triton.jit
def unknown_name(x, out):
    tl.store(out, tl.load(x) * undefined_factor)  # refused: name  # noqa: F821


@triton.jit
def mixed_atomic(x, out):
    i = tl.arange(0, 16)
    tl.atomic_or(x, 1 << (i % 8))  # refused: atomic


def launch(kernel, *args):
    kernel[(1,)](*args)
