"""Runs stage 7's operations on a submission. Works in the worker; what it reports is a claim.

A program is about one subject: a runner, an engine, or admission by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from stage7.driver_engine import Engine
from stage7.driver_runner import Runner
from stage7.driver_shown import params_of

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

ERRORS = ("ValueError",)


class Driver:
    """One program: about a runner that is given plans, or about an engine."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._subject: Any = None

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; the first makes the subject."""
        if name in ("runner", "engine", "processor"):
            torch.set_num_threads(1)
            kinds: Mapping[str, Any] = {"runner": Runner, "engine": Engine}
            self._subject = None
            self._subject = kinds.get(name, _Processor)(self._modules, **args)
            return self._subject.told()  # type: ignore[no-any-return]
        if self._subject is None:
            raise Undefined(name)
        return getattr(self._subject, name)(binds, **args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """All that the contract lets one see."""
        return self._subject.observe() if self._subject else {}


class _Processor:
    """Admission by itself."""

    def __init__(self, modules: Mapping[str, Any], **limits: int) -> None:
        self._processor: Any = modules["input_processor"].InputProcessor(**limits)

    def told(self) -> Json:
        return None

    def observe(self) -> Mapping[str, Json]:
        """Nothing: it keeps nothing."""
        return {}

    def process(self, binds: str, prompt: list[Any], params: Mapping[str, Any]) -> Json:
        given = list(prompt)
        made = self._processor.process_inputs("r", given, params_of(**params))
        copied = made.token_ids is not given
        told = [made.request_id, made.token_ids, made.max_tokens, sorted(made.stop_token_ids)]
        return [*map(plain, told), copied]
