"""`python -m server`: what it says, what it refuses, and how it ends."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from server import __main__ as command
from tests.server.web import post_json

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def submission(tmp_path: Path) -> Iterator[Path]:
    """A copy of the reference, to be broken. The process forgets it, as if it were a new one."""
    shutil.copytree(ROOT / "reference" / "pagedlab", tmp_path / "pagedlab")
    before, path, threads = theirs(), list(sys.path), torch.get_num_threads()
    for name in before:
        del sys.modules[name]
    yield tmp_path
    for name in theirs():
        del sys.modules[name]
    sys.modules.update(before)
    sys.path[:] = path
    torch.set_num_threads(threads)


def theirs() -> dict[str, object]:
    return {name: sys.modules[name] for name in sys.modules if name.split(".")[0] == "pagedlab"}


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What is said, in one line, of a submission that cannot serve."""
    assert command.main([*words, "--port", "0"]) == 4
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("server: ") and said.err.count("\n") == 1
    return said.err


def edit(submission: Path, module: str, find: str, replace: str) -> None:
    file = submission / "pagedlab" / module
    text = file.read_text("utf-8")
    assert find in text
    file.write_text(text.replace(find, replace), "utf-8")


def test_a_function_that_is_not_written_is_named(
    submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stub = 'raise NotImplementedError("Stage 5 · Scheduler.schedule is not written yet")'
    start = "        output = SchedulerOutput(finished_req_ids"
    edit(submission, "scheduler.py", start, f"        {stub}\n{start}")
    assert "Stage 5 · Scheduler.schedule is not written yet" in refused(capsys, str(submission))


def test_a_stub_that_says_nothing_is_named_by_its_place(
    submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(
        submission, "block_pool.py", "return self._free_queue.num_free", "raise NotImplementedError"
    )
    told = refused(capsys, str(submission))
    assert "block_pool.py:" in told and "get_num_free_blocks" in told


def test_the_starter_is_refused_in_one_line() -> None:
    line = [sys.executable, "-m", "server", "starter", "--port", "0"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 4 and done.stdout == ""
    assert done.stderr.startswith("server: ") and done.stderr.count("\n") == 1


def test_a_folder_without_an_engine_is_told_what_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, str(tmp_path))
    assert "engine.py is not there" in told and "SUBMISSION=dir" in told


NEW_BLOCKS = "        blocks = [self._free_queue.popleft()"


@pytest.mark.parametrize(
    ("find", "replace", "says"),
    [
        (NEW_BLOCKS, "        blocks = [1 / 0", "ZeroDivisionError"),
        (NEW_BLOCKS, "        blocks = [exit()", "SystemExit"),
        ("    def get_new_blocks", "    def get_new_blocks(", "SyntaxError"),
        (
            "        blocks = [block for block in blocks if not block.is_null]",
            "        blocks = []",
            "all requests have ended, and 252 of 256 blocks are free",
        ),
    ],
    ids=["raises", "exits", "syntax", "leaks"],
)
def test_a_broken_allocator_is_told_before_anybody_is_served(
    submission: Path, find: str, replace: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(submission, "block_pool.py", find, replace)
    assert says in refused(capsys, str(submission))


def test_wrong_settings_of_the_engine_are_told(
    submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "num_host_blocks" in refused(capsys, str(submission), "--preemption-mode", "swap")


def test_only_the_loopback_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--host", "0.0.0.0"], ["--port", "70000"], ["--port", "x"]):
        with pytest.raises(SystemExit) as ended:
            command.main(["reference", *words])
        assert ended.value.code == 2
    assert "invalid" in capsys.readouterr().err


def test_a_port_in_use_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert command.main(["reference", "--port", str(port)]) == 2
    error = capsys.readouterr().err
    assert f"port {port}" in error and "in use" in error and error.count("\n") == 1


def test_it_prints_an_example_that_works_and_ends_with_ctrl_c() -> None:
    line = [sys.executable, "-m", "server", "reference", "--port", "0"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(line, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    try:
        assert process.stdout is not None and process.stderr is not None
        greeting = ""
        while "End with Ctrl-C." not in greeting:
            said = process.stdout.readline()
            assert said, process.stderr.read()
            greeting += said
        example = greeting[greeting.index("curl ") : greeting.index("\n\nEnd")]
        shell = f"set -- {example}; printf '%s\\0' \"$@\""
        split = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
        curl, url, *header, body, _ = split.stdout.split("\0")
        assert (curl, header) == ("curl", ["-H", "Content-Type: application/json", "-d"])
        reply = post_json(url, body.encode())
        assert reply.status == 200 and reply.json["choices"][0]["text"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        log = process.stderr.read()
    finally:
        process.kill()
        process.communicate()
    assert "all 256 blocks are free" in log and "Traceback" not in log
