"""Replaces attributes for a while, and Triton's autotuner along with them."""

from __future__ import annotations

from typing import Any

MISSING = object()


class Patches:
    """Attributes replaced so far. `undo` puts the old ones back, the last one first."""

    def __init__(self) -> None:
        """Nothing is replaced yet."""
        self._saved: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> Any:
        """Replace an attribute.

        Returns:
            The old one, also if it was inherited.

        Raises:
            AttributeError: there is none: Triton has changed, and what is watched is not there.
        """
        old = getattr(owner, name)
        self._saved.append((owner, name, vars(owner).get(name, MISSING)))
        setattr(owner, name, value)
        return old

    def add(self, owner: Any, name: str, value: Any) -> None:
        """Add an attribute, unless there is one."""
        if not hasattr(owner, name):
            self._saved.append((owner, name, MISSING))
            setattr(owner, name, value)

    def undo(self) -> None:
        """Put everything back."""
        while self._saved:
            owner, name, old = self._saved.pop()
            if old is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, old)


def pin_autotuner(patches: Patches) -> None:
    """Have every autotuned kernel take its first configuration: trying them takes a clock."""
    from triton.runtime.autotuner import Autotuner

    def run(tuner: Any, *args: Any, **kwargs: Any) -> Any:
        tuner.nargs = dict(zip(tuner.arg_names, args, strict=False))
        config = next(iter(tuner.prune_configs(kwargs)))
        tuner.best_config = config
        return tuner.fn.run(*args, **kwargs, **config.all_kwargs())

    patches.set(Autotuner, "run", run)
