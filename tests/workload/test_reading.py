"""Public trace files, as they are published and as they go wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from workload.generate import generate
from workload.named import named
from workload.reading import read_trace
from workload.trace import Trace, WorkloadError
from workload.writing import write_trace

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


def write(file: Path, text: str) -> Path:
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())
    return file


def line(**changes: object) -> str:
    request = {"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]}
    return json.dumps({**request, **changes}) + "\n"


def columns(trace: Trace) -> list[tuple[float, int, int]]:
    return [(round(r.arrival, 4), r.prompt_tokens, r.output_tokens) for r in trace.requests()]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
@pytest.mark.parametrize(
    "rows",
    [
        "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n",
        "2024-05-10 00:00:00.009930+00:00,374,44\n2024-05-10 00:00:04.324510+00:00,396,109\n",
        "7.5,374,44\n11.8146,396,109\n",
    ],
    ids=["2023", "2024", "seconds"],
)
def test_azure_csv_is_read_as_published(tmp_path: Path, name: str, rows: str) -> None:
    trace = read_trace(write(tmp_path / name, HEADER + rows))
    assert columns(trace) == [(0.0, 374, 44), (4.3146, 396, 109)]
    assert trace.blocks == ()


def test_azure_columns_are_found_by_name(tmp_path: Path) -> None:
    text = "\ufeffmodel,output_tokens,arrival_s,prompt_tokens\r\nx,2,0,1\r\n\r\ny,4,1,3\r\n"
    assert columns(read_trace(write(tmp_path / "t.csv", text))) == [(0, 1, 2), (1, 3, 4)]


def test_mooncake_jsonl_is_read_as_published(tmp_path: Path) -> None:
    text = line() + "\n" + line(timestamp=2500, input_length=1025, hash_ids=[0, 1, 7])
    trace = read_trace(write(tmp_path / "t.jsonl.gz", text))
    assert columns(trace) == [(0.0, 600, 5), (2.5, 1025, 5)]
    assert (trace.blocks, trace.block_tokens) == (((0, 1), (0, 1, 7)), 512)


def test_requests_are_put_in_order_and_a_length_of_0_counts_as_1(tmp_path: Path) -> None:
    trace = read_trace(write(tmp_path / "t.csv", HEADER + "9,1,0\n5,0,2\n9,3,3\n"))
    assert columns(trace) == [(0, 1, 2), (4, 1, 1), (4, 3, 3)]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", ":1: ", "TIMESTAMP"),
        ("TIMESTAMP,ContextTokens\n1,2\n", ":1: ", "GeneratedTokens"),
        (HEADER + "1,2,3\n1,2\n", ":3: ", "2 fields"),
        (HEADER + "1,2,3\nsoon,2,3\n", ":3: ", "'soon'"),
        (HEADER + "nan,2,3\n", ":2: ", "TIMESTAMP"),
        (HEADER + "1,-2,3\n", ":2: ", "'-2'"),
        (HEADER + "1,2,3.5\n", ":2: ", "GeneratedTokens"),
        (HEADER + f"1,{10**9},3\n", ":2: ", "ContextTokens"),
        (HEADER, ": ", "two requests"),
        (HEADER + "1,2,3\n1,2,3\n", ": ", "different arrivals"),
    ],
)
def test_a_bad_csv_is_refused_in_one_line_that_says_where(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    refused(write(tmp_path / "bad.csv", text), where, what)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (line() + "{\n", ":2: ", "JSON"),
        (line() + "[1]\n", ":2: ", "JSON object"),
        ("[" * 100_000 + "\n", ":1: ", "JSON"),
        ('{"timestamp": 1}\n', ":1: ", "input_length"),
        (line(timestamp="1"), ":1: ", "timestamp"),
        (line(timestamp=True), ":1: ", "timestamp"),
        (line(output_length=1.5), ":1: ", "output_length"),
        (line(hash_ids="01"), ":1: ", "hash_ids"),
        (line(hash_ids=[0, None]), ":1: ", "hash_ids"),
        (line(hash_ids=[0, 1, 2]), ":1: ", "3 hash_ids"),
        (line(input_length=True), ":1: ", "input_length"),
    ],
)
def test_a_bad_jsonl_is_refused_in_one_line_that_says_where(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    refused(write(tmp_path / "bad.jsonl", text), where, what)


def test_files_that_are_no_trace_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "missing.csv", ": ", "No such file")
    refused(write(tmp_path / "t.txt", "x"), ": ", ".csv or .jsonl")
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe")
    refused(tmp_path / "t.csv", ": ", "UTF-8")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(HEADER.encode())[:-4])
    refused(tmp_path / "t.csv.gz", ": ", "end-of-stream")
    (tmp_path / "plain.jsonl.gz").write_text(line())
    refused(tmp_path / "plain.jsonl.gz", ": ", "gzip")


def refused(file: Path, where: str, what: str) -> None:
    with pytest.raises(WorkloadError) as error:
        read_trace(file)
    text = str(error.value)
    assert text.startswith(f"{file}{where}") and what in text and "\n" not in text


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    for name, suffix in (("steady-chat", ".csv"), ("chat-sessions", ".jsonl")):
        trace = generate(named(name), 300, seed=3)
        write_trace(trace, tmp_path / f"t{suffix}")
        again = read_trace(tmp_path / f"t{suffix}")
        assert abs(again.arrivals - (trace.arrivals - trace.arrivals[0])).max() < 0.0011
        assert (again.prompt_tokens == trace.prompt_tokens).all()
        assert (again.output_tokens == trace.output_tokens).all()
        assert (again.blocks, again.block_tokens) == (trace.blocks, trace.block_tokens)


@pytest.mark.parametrize("name", ["t.txt", "t.jsonl", "no/such/folder/t.csv"])
def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkloadError, match="t\\."):
        write_trace(generate(named("steady-chat"), 5), tmp_path / name)
