"""The planned tree means the same paths in an empty root as on the host."""

from __future__ import annotations

from pathlib import Path

from autograder.sandbox.layout import plan


def test_chain_of_symlinks_is_recreated_link_by_link(tmp_path: Path) -> None:
    real = tmp_path / "versions" / "3.11" / "bin"
    real.mkdir(parents=True)
    (real / "python").write_text("")
    (tmp_path / "current").symlink_to("versions/3.11")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "python").symlink_to(tmp_path / "current" / "bin" / "python")
    layout = plan([str(tmp_path / "venv" / "python")])
    assert layout.links == (
        (str(tmp_path / "venv" / "python"), str(tmp_path / "current" / "bin" / "python")),
        (str(tmp_path / "current"), "versions/3.11"),
    )
    assert layout.files == (str(real / "python"),)
    assert layout.folders == ()


def test_link_below_a_bound_folder_is_not_made_twice(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "link").symlink_to("/usr")
    layout = plan([str(tmp_path / "a" / "link"), str(tmp_path / "a")])
    assert layout.links == ()
    assert layout.folders == (str(tmp_path / "a"), "/usr")


def test_path_below_another_is_bound_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "ab").mkdir()
    (tmp_path / "a" / "b" / "file").write_text("")
    paths = ("a/b/file", "a/b", "a", "ab")
    layout = plan([str(tmp_path / path) for path in paths])
    assert layout.folders == (str(tmp_path / "a"), str(tmp_path / "ab"))
    assert layout.files == ()


def test_relative_links_and_dots_lead_where_the_kernel_leads(tmp_path: Path) -> None:
    (tmp_path / "x" / "y").mkdir(parents=True)
    (tmp_path / "target").mkdir()
    (tmp_path / "x" / "y" / "up").symlink_to("../../target/.")
    layout = plan([str(tmp_path / "x" / "y" / "up")])
    assert layout.folders == (str(tmp_path / "target"),)


def test_missing_paths_and_endless_links_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "broken").symlink_to("nowhere")
    layout = plan([str(tmp_path / name) for name in ("loop", "broken", "missing")])
    assert layout.folders == layout.files == ()
