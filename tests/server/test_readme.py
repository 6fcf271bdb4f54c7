"""What the server's README names is there."""

from __future__ import annotations

import re
from pathlib import Path

from server.__main__ import _parser
from server.app import create_app
from tests.server.fake_engine import FakeEngine, served_by

SERVER = Path(__file__).resolve().parents[2] / "server"
README = (SERVER / "README.md").read_text("utf-8")


def test_every_module_is_described_and_no_other() -> None:
    modules = {file.name for file in SERVER.glob("*.py")} - {"__init__.py", "__main__.py"}
    table = README.partition("| module | holds |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+\.py)`", table)) == modules


def test_every_path_of_the_api_is_described() -> None:
    paths = {route.path for route in create_app(served_by(FakeEngine())).routes}  # type: ignore[attr-defined]
    described = set(re.findall(r"^\| `(?:GET|POST) ([^`]+)` \|", README, re.MULTILINE))
    own = {path for path in paths if not path.startswith("/page/") and "{" not in path}
    assert described == own


def test_every_option_that_is_named_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z]+[a-z-]*", README))
    assert len(named) > 3 and named <= set(_parser()._option_string_actions)
