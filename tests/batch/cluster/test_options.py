"""What is asked of a cluster is refused early if no engine could give it, in one line."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.batch.cluster import opening
from autograder.batch.cluster.array_script import Parts, array_script
from autograder.batch.cluster.options import ENGINES, Options, read_options
from autograder.batch.run.folder import RunFolder, Settings
from autograder.cli import batch as verb
from tests.batch.bench import CODE, make_root, submission
from tests.batch.cluster import bench


def written(path: Path, text: str) -> str:
    file = path / "cluster.toml"
    file.write_text(text)
    return str(file)


def test_a_name_is_enough_and_a_file_says_more(tmp_path: Path) -> None:
    assert read_options("slurm") == Options()
    text = 'engine = "slurm"\ngpus = 1\nmemory_gb = 8\ndirectives = ["--exclude=n13"]\n'
    assert read_options(written(tmp_path, text)) == Options(
        gpus=1, memory_gb=8.0, directives=("--exclude=n13",)
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('engine = "ray"', "there is no engine 'ray'"),
        ('queues = "main"', "there is no option 'queues'"),
        ('workers = "8"', "workers is a whole number"),
        ("workers = true", "workers is a whole number"),
        ("workers = 0", "at least 1"),
        ('walltime = "soon"', "no time, such as 02:00:00"),
        ('queue = "main; rm"', "no single word"),
        ('directives = "--exclude=n13"', "a list of texts"),
        ('prologue = ["a\\nb"]', "one line"),
        ('engine = "local"\nqueue = "main"', "engine local has no queue"),
        ('engine = "htcondor"\ndirectives = ["a"]', "of the form name=value"),
        ('engine = "sge"\ncores = 2', "engine sge has no cores"),
        ('engine = "pbs"\ngpus = 1', "say it in its own words: directives"),
        ("engine = ", "cluster.toml: "),
    ],
)
def test_what_no_engine_could_give_is_refused(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cluster.toml") as refusal:
        read_options(written(tmp_path, text))
    assert why in str(refusal.value)


def test_neither_name_nor_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb.main([str(tmp_path), "--cluster", "slrum"]) == 2
    assert "no file and no engine" in capsys.readouterr().err


def test_without_dask_everything_else_works_and_the_cluster_says_what_it_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "find_spec", lambda name: None if "dask" in name else name)
    assert verb.main([str(tmp_path), "--cluster", "slurm"]) == 3
    said = capsys.readouterr().err
    assert "dask, dask-jobqueue, which is not installed" in said and said.count("\n") == 1
    code = "import sys; from autograder.cli import batch; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=CODE).returncode == 0


@bench.NEEDS_DASK
@pytest.mark.parametrize("engine", sorted(set(ENGINES) - {"local"}))
def test_every_engine_gets_a_job_script_with_keys_and_no_open_door(
    engine: str, tmp_path: Path
) -> None:
    from distributed import Security

    from autograder.batch.cluster.engines import class_of, job_options

    more = {"queue": "q7", "account": "a7", "walltime": "03:00"} if ENGINES[engine].queued else {}
    given = Options(engine=engine, prologue=("module load x",), directives=("--seven=7",), **more)
    options = job_options(given, tmp_path, tmp_path)
    options.pop("scheduler_options")
    options.pop("silence_logs")
    handler = signal.getsignal(signal.SIGINT)
    made = class_of(engine)
    assert signal.getsignal(signal.SIGINT) is handler, "Ctrl-C stays what it was"
    files = {f"tls_worker_{name}": f"/keys/{name}.pem" for name in ("cert", "key")}
    security = Security(require_encryption=True, tls_ca_file="/keys/cert.pem", **files)
    script = made.job_cls("tls://n0:1", name="w", security=security, **options).job_script()
    for word in ("/keys/key.pem", "tls://", "module load x", "--seven", "127.0.0.1:0"):
        assert word in script
    assert all(word in script for word in more.values())


@bench.NEEDS_DASK
def test_what_jobs_could_not_name_or_nodes_not_see_is_refused_before_any_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verb, "ROOT", make_root(tmp_path / "root"))
    submission(tmp_path / "subs" / "one")
    words = [str(tmp_path / "subs"), "--out"]
    assert verb.main([*words, str(tmp_path / "a run"), "--cluster", "slurm"]) == 3
    assert "does not quote" in capsys.readouterr().err
    file = written(tmp_path, 'shared = "/nowhere"')
    assert verb.main([*words, str(tmp_path / "run"), "--cluster", file]) == 3
    assert "is not in /nowhere, which the nodes share" in capsys.readouterr().err


def test_an_array_script_is_bash_and_quotes_what_it_is_given(tmp_path: Path) -> None:
    run = tmp_path / "a run"
    parts = Parts(CODE, ["python", "batch"], ["python", "merge"], tmp_path / "it's")
    options = Options(workers=8, gpus=1, constraint="a100", queue="gpu", cores=2)
    text = array_script(parts, RunFolder(run), Settings(7, (1, 2), "", "moodle"), options)
    assert subprocess.run(["bash", "-n"], input=text, text=True).returncode == 0
    for line in ("--array=1-8", "--gres=gpu:1", "--constraint=a100", "--mem=8192M"):
        assert f"\n#SBATCH {line}\n" in text
    assert "--seed 7 --stage 1 --stage 2 --source moodle" in text


def test_the_command_writes_the_script_and_grades_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verb, "ROOT", make_root(tmp_path / "root"))
    submission(tmp_path / "subs" / "one")
    run, script = tmp_path / "run", tmp_path / "array.sh"
    words = [str(tmp_path / "subs"), "--out", str(run), "--write-array-script", str(script)]
    assert verb.main([*words, "--workers", "3"]) == 0
    assert f"sbatch {script}" in capsys.readouterr().out
    assert "--shard" in script.read_text() and not list((run / "graded").iterdir())
    assert verb.main([*words, "--cluster", "pbs"]) == 2
    assert verb.main(["--out", str(run), "--write-array-script", str(script)]) == 2
