"""A file that reaches behind the grader is not run; what honest kernels need goes through."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

import pytest
import torch

from autograder.source.solutions import load_wheats
from tests.stages.attention.bench import REFERENCE, ROOT, STAGE

refused = importlib.import_module("stage4.refused")
HEAD = "import torch, triton, dataclasses, typing, os\nimport triton.language as tl\n"
REACHES = [
    "import sys",
    "import threading as t",
    "from torch import sys",
    "from dataclasses import sys",
    "from typing import *",
    "from triton.runtime import driver",
    "import torch.multiprocessing",
    "import kernel_lanes.sanitizer",
    "torch.sys",
    "torch._C",
    "from torch import library",
    "torch.utils._python_dispatch",
    "tl.core.sys",
    "os.sys",
    "dataclasses.sys",
    "triton.runtime.interpreter",
    "f = torch\nf.sys",
    "f(torch)",
    "match torch:\n    case object(sys=found):\n        pass",
    "x.__dict__",
    "x.gi_frame.f_back",
    "x.sys",
    "__builtins__",
    "getattr(torch, 's' + 'ys')",
    "read = getattr",
    "vars(torch)",
    "typing.get_type_hints",
    "open('/proc/self/mem', 'rb+')",
    "torch.empty = None",
    "T = torch.Tensor\nT.fill_ = None",
    "del torch.empty",
]
GOES = [
    "import math, functools, itertools, time",
    "from collections.abc import Sequence",
    "from triton.tools.tensor_descriptor import TensorDescriptor",
    "from triton.language.extra import libdevice",
    "torch.cuda.get_device_properties(0)",
    "torch.backends.cuda.matmul.allow_tf32 = True",
    "torch.nn.functional.softmax",
    "torch.__version__",
    "x.data_ptr() % 16",
    "self.types = [torch.float16]",
    "if __name__ == '__main__':\n    print(tl.float32)",
    "@triton.autotune(configs=[triton.Config({'a': 1})], key=['n'])\n@triton.jit\ndef f(a): pass",
]


def told(tmp_path: Path, text: str) -> str:
    file = tmp_path / "attention.py"
    file.write_text(HEAD + text + "\n", encoding="utf-8")
    return str(refused.refusal(file))


@pytest.mark.parametrize("text", REACHES)
def test_what_reaches_behind_the_grader_is_refused_by_its_line(text: str, tmp_path: Path) -> None:
    assert "reaches behind the grader in line " in told(tmp_path, text)


@pytest.mark.parametrize("text", GOES)
def test_what_an_honest_kernel_may_need_goes_through(text: str, tmp_path: Path) -> None:
    assert told(tmp_path, text) == ""


def test_no_module_within_torch_leads_to_the_standard_library(tmp_path: Path) -> None:
    inside = {name: one for name, one in vars(torch).items() if isinstance(one, types.ModuleType)}
    leading = {name for name, one in inside.items() if one.__name__ in sys.stdlib_module_names}
    assert {"sys", "ctypes", "threading"} <= leading
    assert [one for one in sorted(leading) if not refused.reaches(f"torch.{one}")] == []


def test_no_right_submission_is_refused() -> None:
    wheats = [file for wheat in load_wheats(STAGE) for file in wheat.files]
    folders = (REFERENCE, ROOT / "starter", ROOT / "examples" / "submissions" / "half_finished")
    given = [folder / "pagedlab" / name for folder in folders for name in STAGE.modules]
    given += (STAGE.folder / "stand_ins").glob("*.py")
    assert [file for file in (*wheats, *given) if refused.refusal(file)] == []


def test_what_is_no_python_is_left_to_the_import(tmp_path: Path) -> None:
    assert told(tmp_path, "def (") == ""
    assert refused.refusal(tmp_path / "missing.py") == ""
