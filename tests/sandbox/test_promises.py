"""The probe promises what it has seen hold, and `enter` keeps every promise or fails."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import enter as entering
from autograder.sandbox import filesystem, landlock, limits, namespaces, seccomp
from autograder.sandbox.errors import SandboxError
from autograder.sandbox.isolation import Isolation, Layer, Tier, probe
from autograder.sandbox.policy import Limits, Policy, interpreter_paths

Confine = Callable[..., Any]
ORDER = list(Tier)


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted", "the call")


def test_each_tier_of_this_machine_can_be_asked_for(each_tier: Isolation) -> None:
    assert each_tier.describe().startswith(each_tier.tier.value + " (")


@pytest.mark.parametrize("tier", ORDER)
def test_probe_never_promises_more_than_asked(tier: Tier) -> None:
    assert ORDER.index(probe(at_most=tier).tier) >= ORDER.index(tier)


def test_description_is_one_line_in_three_groups() -> None:
    facts = ("no network", "landlock ABI 7", "seccomp", "without own /proc", "private /tmp")
    described = Isolation(Tier.NAMESPACES, facts).describe()
    assert described == (
        "namespaces (no network, private /tmp; landlock ABI 7, seccomp; without own /proc)"
    )


def test_probe_leaves_no_process_and_no_file_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def mkdtemp(*args: str | None, **kwargs: str | None) -> str:
        made.append(make(*args, **kwargs))
        return made[-1]

    make = tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    probe()
    assert made and not any(Path(folder).exists() for folder in made)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_probe_falls_where_namespaces_are_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces, "leave_host", _refuse)
    found = probe()
    assert found.tier is not Tier.NAMESPACES
    assert any(fact.startswith("without namespaces: ") for fact in found.facts)
    assert "\n" not in found.describe()


@pytest.mark.parametrize(
    ("module", "name", "complaint"),
    [
        (filesystem, "build", "a hidden file can be read"),
        (limits, "apply", "the memory limit does not bite"),
    ],
)
def test_probe_falls_where_a_layer_says_yes_and_does_nothing(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, complaint: str
) -> None:
    monkeypatch.setattr(module, name, lambda *_: None)
    found = probe()
    assert found.tier is not Tier.NAMESPACES
    assert any(complaint in fact for fact in found.facts)


def test_filter_that_does_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    if not seccomp.available():
        pytest.skip("no system call filter on this machine")
    monkeypatch.setattr(seccomp, "install", lambda *_: None)
    assert probe(at_most=Tier.LANDLOCK).tier is not Tier.LANDLOCK


def test_landlock_that_does_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    if not landlock.abi():
        pytest.skip("no landlock on this machine")
    monkeypatch.setattr(landlock, "restrict", lambda *_: None)
    assert probe(at_most=Tier.LANDLOCK).tier is not Tier.LANDLOCK


def test_probe_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", _refuse)
    found = probe()
    assert found.tier is Tier.LIMITS
    assert not found.layers


@pytest.mark.parametrize("module", [landlock, seccomp, limits])
def test_promised_layer_that_fails_stops_the_worker(
    confine: Confine,
    strong_tier: Isolation,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
) -> None:
    names = {landlock: "restrict", seccomp: "install", limits: "apply"}
    monkeypatch.setattr(module, names[module], _refuse)
    said = confine(lambda: "entered", strong_tier)["sandbox error"]
    assert "errno 1" in said
    assert "\n" not in said


def test_promised_user_that_cannot_be_had_stops_the_worker(
    confine: Confine, any_tier: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering.credentials, "has", lambda capability: False)
    promised = Isolation(any_tier.tier, (), any_tier.layers | {Layer.OWN_UID})
    assert "no unused user" in confine(lambda: "entered", promised)["sandbox error"]


def test_error_names_the_step_its_cause_and_what_to_do() -> None:
    error = SandboxError("landlock: rule for /x", 13, "do this")
    assert str(error) == "sandbox: landlock: rule for /x (Permission denied, errno 13); do this"
    assert error.reason == "landlock: rule for /x (Permission denied, errno 13)"


def test_preparing_first_changes_nothing(confine: Confine, any_tier: Isolation) -> None:
    entering.prepare(any_tier)
    assert confine(lambda: "entered", any_tier) == "entered"


def test_policy_knows_what_it_exposes(tmp_path: Path) -> None:
    shown, hidden = tmp_path / "shown", tmp_path / "hidden"
    shown.mkdir()
    hidden.mkdir()
    (tmp_path / "link").symlink_to(shown)
    policy = Policy((str(tmp_path / "link"),), Limits(), ())
    assert policy.exposes(str(shown / "file"))
    assert policy.exposes("/usr/lib")
    assert not policy.exposes(str(hidden))
    assert not policy.exposes(str(tmp_path / "shown_too"))


def test_interpreter_paths_never_include_the_search_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    interpreter_paths.cache_clear()
    assert not Policy((), Limits(), ()).exposes(str(tmp_path))
    assert not Policy((), Limits(), ()).exposes(os.getcwd())


_ELSEWHERE = """
import os, sys
for name in ("waitid", "pidfd_open", "O_PATH", "ST_NODEV", "WEXITED", "memfd_create"):
    if hasattr(os, name):
        delattr(os, name)
sys.platform = "darwin"
from autograder.sandbox import syscalls
for name in ("syscall", "prctl", "unshare", "mount", "umount2", "capset", "capget"):
    setattr(syscalls._libc, name, None)
class Gone:
    def __getattr__(self, name):
        raise AttributeError(name)
syscalls._libc = Gone()
from autograder.sandbox.enter import enter
from autograder.sandbox.isolation import probe
from autograder.sandbox.policy import Limits, Policy
from autograder.sandbox.reap import kill_tree
found = probe()
child = os.fork()
if child == 0:
    enter(Policy((), Limits(), ()), found)
    os._exit(5)
print(found.tier.value, sorted(found.layers), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
kill_tree(child)
"""


def test_elsewhere_than_on_linux_the_limits_are_left() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE], capture_output=True, text=True, check=False
    )
    assert answer.stdout == "limits [] 5\n", answer.stdout + answer.stderr
