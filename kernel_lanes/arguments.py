"""The tensors among a launch's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch


def tensors_of(arguments: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """Tensors by argument name; of a descriptor its base, of a tuple each one, numbered."""
    found: dict[str, torch.Tensor] = {}
    for name, value in arguments.items():
        if isinstance(value, tuple | list):
            found.update(tensors_of({f"{name}[{i}]": one for i, one in enumerate(value)}))
            continue
        base = getattr(value, "base", None)  # a tensor descriptor, or Triton's reinterpreted tensor
        if not isinstance(value, torch.Tensor) and isinstance(base, torch.Tensor):
            value = base
        if isinstance(value, torch.Tensor):
            found[name] = value
    return found
