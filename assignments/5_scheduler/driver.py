"""Runs stage 5's operations on a submission. Works in the worker; what it reports is a claim.

A program is about one subject: a scheduler, a policy, or a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from stage5.driver_queueing import Queueing
from stage5.driver_server import Server
from stage5.driver_shown import policy_of, request_of

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

ERRORS = ("OutOfBlocks", "DoubleFree", "UnknownBlock", "ValueError")


class Driver:
    """One program, about what its first operation says: a scheduler, a policy, a log."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._subject: Any = None

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; only some can be the first."""
        if name == "new":
            self._subject = Server(self._modules, **args)
            return None
        if name == "policy":
            self._subject = _Rules(self._modules["policies"], **args)
            return None
        if name in ("log", "largest", "predict", "run") and self._subject is None:
            self._subject = Queueing(self._modules["queueing"])
        if self._subject is None:
            raise Undefined(name)
        return getattr(self._subject, name)(binds, **args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """All that the contract lets one see of a scheduler; nothing of the others."""
        return self._subject.observe() if isinstance(self._subject, Server) else {}


class _Rules:
    """A policy by itself."""

    def __init__(self, module: ModuleType, kind: str) -> None:
        self._policy: Any = policy_of(module, kind)
        self._requests: dict[str, Any] = {}

    def arrive(self, binds: str, **args: Any) -> Json:
        made = request_of(binds, **args)
        self._policy.on_added(made)
        self._requests[binds] = made
        return binds

    def serve(self, binds: str, request: str, tokens: int) -> Json:
        return plain(self._policy.on_scheduled(self._named(request), tokens))

    def leave(self, binds: str, request: str) -> Json:
        return plain(self._policy.on_finished(self._named(request)))

    def rank(self, binds: str, names: list[str]) -> Json:
        """The names in the policy's order; those with equal keys in the given one."""
        keys = {name: self._policy.sort_key(self._named(name)) for name in names}
        for key in keys.values():
            if type(key) is not tuple:
                return {"type": type(key).__name__}
        return sorted(names, key=lambda name: keys[name])  # type: ignore[return-value]

    def _named(self, name: str) -> Any:
        if name not in self._requests:
            raise Undefined(name)
        return self._requests[name]
