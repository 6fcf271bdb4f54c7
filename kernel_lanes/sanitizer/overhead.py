"""Spares the interpreter what it repeats without need.

Every call of a device function, `tl.sum` among them, patches all of `triton.language` anew; once a
launch is enough. Every launch copies the tensors' storage to the host and back, where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import triton.runtime.interpreter as interpreter

from kernel_lanes.patching import Patches


def install(patches: Patches) -> None:
    """Put it in force until the patches are undone."""
    patches.set(interpreter.InterpretedFunction, "__call__", _call)
    patches.set(interpreter.GridExecutor, "_init_args_hst", lambda _, args, named: (args, named))
    patches.set(interpreter.GridExecutor, "_restore_args_dev", lambda *_: None)
    patches.set(interpreter, "_patch_lang", _PatchOnce(interpreter._patch_lang))


class _PatchOnce:
    """`_patch_lang` that does nothing while a patch of the same globals is in force."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self._in_force: set[int] = set()
        self._pending: list[Callable[[], None]] = []

    def __call__(self, function: Any) -> Any:
        names = id(function.__globals__)
        if names in self._in_force:
            return _Scope(lambda: None)
        self._in_force.add(names)
        scope = self._original(function)

        def restore() -> None:
            scope.restore()
            self._in_force.discard(names)

        self._pending.append(restore)
        return _Scope(self._all if len(self._pending) == 1 else lambda: None)

    def _all(self) -> None:
        """Undo the launch's patch and those of the device functions that it called."""
        while self._pending:
            self._pending.pop()()


class _Scope:
    """What a launch restores at its end."""

    def __init__(self, restore: Callable[[], None]) -> None:
        self.restore = restore


def _call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a device function. Its errors come through as they are."""
    interpreter._patch_lang(function.fn)
    return function.rewrite()(*args, **kwargs)
