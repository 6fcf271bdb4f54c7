"""Takes launches out of Triton's hands: what was launched, bound to its kernel's parameters.

Only in a process of the compiled kind. The kernel itself is not run; who takes the launch decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.runtime.jit import JITFunction

from kernel_lanes.patching import Patches, pin_autotuner

Grid = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Launch:
    """One launch, with the arguments as they were given.

    Attributes:
        function: the kernel.
        arguments: values by parameter name, constants among them.
        options: num_warps and whatever else is no parameter.
        grid: programs along each axis.
    """

    function: Any
    arguments: Mapping[str, Any]
    options: Mapping[str, Any]
    grid: Grid

    @property
    def kernel(self) -> str:
        """The kernel's name."""
        return str(self.function.fn.__name__)

    def bind(self, target: GPUTarget) -> Bound:
        """Specialize the kernel to the arguments, as Triton does for a machine of kind `target`."""
        driver = triton.runtime.driver
        before, driver.active.target = driver.active.target, target
        try:
            kernel, named = self.function, {**self.arguments, **self.options}
            _, _, _, backend, binder = kernel.device_caches[driver.active.get_current_device()]
            named.setdefault("debug", False)
            bound, kinds, _ = binder(**named)
            parts = kernel._pack_args(backend, named, bound, kinds, None)
        finally:
            driver.active.target = before
        options, signature, constants, attributes = parts
        source = ASTSource(kernel, signature, constants, attributes)
        return Bound(source, options, backend, dict(bound), signature)


@dataclass(frozen=True, eq=False)
class Bound:
    """A kernel specialized to one launch: the compiler's input.

    Attributes:
        signature: type by parameter name; `constexpr` for constants.
    """

    source: Any
    options: Any
    backend: Any
    arguments: Mapping[str, Any]
    signature: Mapping[str, Any]


def intercept(patches: Patches, take: Callable[[Launch], None]) -> None:
    """Give every launch to `take` until the patches are undone."""

    def run(kernel: Any, *args: Any, grid: Any, warmup: bool, **kwargs: Any) -> None:
        for hook in kernel.pre_run_hooks:
            hook(*args, **kwargs)
        arguments = _named(kernel, args, kwargs)
        options = {name: value for name, value in kwargs.items() if name not in arguments}
        if warmup:
            return
        shape = grid(arguments) if callable(grid) else grid
        take(Launch(kernel, arguments, options, _grid(shape)))

    pin_autotuner(patches)
    patches.set(JITFunction, "run", run)


def _named(kernel: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by name, those left to their defaults too.

    Raises:
        TypeError: one is missing or one too many, as when a function is called.
    """
    known = {name: value for name, value in kwargs.items() if name in kernel.arg_names}
    bound = kernel.signature.bind(*args, **known)
    bound.apply_defaults()
    return dict(bound.arguments)


def _grid(shape: Any) -> Grid:
    sizes = tuple(map(int, shape if isinstance(shape, tuple | list) else (shape,)))
    if not 1 <= len(sizes) <= 3 or min(sizes) < 0:
        raise ValueError(f"a grid of {shape!r}: one to three sizes are wanted")
    x, y, z = (*sizes, 1, 1)[:3]
    return x, y, z
