"""64 streaming clients at once, half of which leave midway: every block is free in the end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.server.crowd import CLIENTS, Crowd
from tests.server.fake_engine import FakeEngine, served_by
from tests.server.web import post_json, serving

ROOT = Path(__file__).resolve().parents[2]


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def check_crowd(crowd: Crowd) -> None:
    visits = crowd.run()
    assert len(visits) == CLIENTS and all(visit.times for visit in visits)
    while (state := json.loads(get(f"{crowd.url}/debug/state")))["requests"]:
        pass  # the server has not noticed yet that the last of them is gone
    assert state["failure"] is None
    assert state["num_free_blocks"] == state["num_blocks"]
    assert f'finished_reason="abort",model_name="{crowd.model}"}} {CLIENTS // 2}.0' in get(
        f"{crowd.url}/metrics"
    )


def check_texts(url: str) -> None:
    """A seeded request has the same text alone and in a batch that is preempted."""
    prompts = [f"FIRST CITIZEN.\nBefore we proceed, hear me speak.\n\nALL.\n{i}" for i in range(8)]

    def texts(prompt: object) -> list[str]:
        body = {"prompt": prompt, "max_tokens": 200, "seed": 3, "ignore_eos": True}
        reply = post_json(f"{url}/v1/completions", json.dumps(body).encode())
        return [choice["text"] for choice in reply.json["choices"]]

    assert texts(prompts)[::4] == texts(prompts[0]) + texts(prompts[4])
    preempted = re.search(r"num_preemptions_total\{.*\} (\d+)", get(f"{url}/metrics"))
    assert preempted is not None and int(preempted[1]) > 0


def test_a_crowd_at_the_double_leaves_all_blocks_free() -> None:
    engine = FakeEngine(num_blocks=600, block_size=10**6)
    with serving(served_by(engine, 10**9)) as web:
        check_crowd(Crowd(web.url, "fake", longest=10**7))
    assert len(engine.free) == 600 and len(engine.aborted) == CLIENTS // 2


@contextmanager
def command(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `python -m server` on the reference; give its address once it says it."""
    words = [sys.executable, "-m", "server", "reference", "--port", "0", *options]
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    try:
        assert process.stdout is not None and process.stderr is not None
        said = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert said is not None, process.stderr.read()
        yield said[0], process
    finally:
        process.kill()
        process.communicate()


def test_a_crowd_at_the_real_engine_leaves_all_blocks_free() -> None:
    # Too few blocks for all: requests wait, and are preempted.
    with command("--num-blocks", "100", "--max-num-seqs", "24") as (url, process):
        check_crowd(Crowd(url, "pagedlab", longest=900))
        check_texts(url)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert "shut down; all 100 blocks are free" in process.stderr.read()
