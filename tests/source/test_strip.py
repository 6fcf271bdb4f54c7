"""The stripper: what it leaves."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

from autograder.source.regions import StripError
from autograder.source.strip import strip

HEAD = '"""Stage 3. A module."""\n\n'


def stripped(body: str, stage: int | None = None) -> str:
    return strip(HEAD + dedent(body), "m.py", stage).removeprefix(HEAD)


def test_a_region_in_a_function_becomes_a_stub_that_names_stage_and_function() -> None:
    body = '''\
        class Pool:
            @property
            def size(self) -> int:
                """Blocks."""  # kept
                # BEGIN SOLUTION
                count = 3

                return count  # secret
                # END SOLUTION
        '''
    assert stripped(body) == dedent('''\
        class Pool:
            @property
            def size(self) -> int:
                """Blocks."""  # kept
                raise NotImplementedError("Stage 3 · Pool.size is not written yet")
        ''')


def test_a_region_in_a_nested_block_of_a_function_becomes_a_stub_there() -> None:
    body = """\
        async def f(x: int) -> int:
            if x < 0:
                return 0
            else:
                # BEGIN SOLUTION
                return 1
                # END SOLUTION
        """
    assert '    else:\n        raise NotImplementedError("Stage 3 · f is' in stripped(body)


@pytest.mark.parametrize(
    ("region_of", "left"),
    [
        (
            "A = 1\n# BEGIN SOLUTION\n_B = 2\n# END SOLUTION\n\n\ndef f() -> None: ...\n",
            "A = 1\n\n\ndef f() -> None: ...\n",
        ),
        (
            'class A:\n    """Doc."""\n\n    # BEGIN SOLUTION\n    def _f(self) -> None: ...\n'
            "\n    # END SOLUTION\n\n\nB = 1\n",
            'class A:\n    """Doc."""\n\n\nB = 1\n',
        ),
        (
            "class A:\n    # BEGIN SOLUTION\n    _x = 1\n\n    # END SOLUTION\n    y = 2\n",
            "class A:\n    y = 2\n",
        ),
        ("A = 1\n\n\n# BEGIN SOLUTION\ndef _f() -> None: ...\n\n\n# END SOLUTION\n", "A = 1\n"),
    ],
)
def test_a_region_outside_functions_disappears_with_its_gap(region_of: str, left: str) -> None:
    assert stripped(region_of) == left


def test_a_given_stage_overrides_that_of_the_docstring() -> None:
    body = "def f() -> None:\n    # BEGIN SOLUTION\n    pass\n    # END SOLUTION\n"
    assert "Stage 7 · f" in stripped(body, stage=7)


def test_without_a_stage_a_stub_cannot_be_named() -> None:
    body = "def f() -> None:\n    # BEGIN SOLUTION\n    pass\n    # END SOLUTION\n"
    with pytest.raises(StripError, match=r"^m\.py:1: no stage known: begin the module's docstring"):
        strip(body, "m.py")


def test_a_module_without_regions_stays_as_it_is() -> None:
    text = "import os\n\n\n\nx = 1\n"
    assert strip(text, "m.py") == text


@pytest.mark.parametrize(
    ("imports", "left"),
    [
        ("from a import gone\nfrom b import kept\n", "from b import kept\n"),
        ("from a import gone, kept, on_purpose\n", "from a import kept, on_purpose\n"),
        ("from a import gone as g, kept  # why\n", "from a import kept  # why\n"),
        ("from a import (\n    gone,\n    kept,\n)\n", "from a import (\n    kept,\n)\n"),
        ("import gone.part\n\nimport kept\n", "import kept\n"),
        ("from a import listed, kept\n", "from a import listed, kept\n"),
        ("from a import in_annotation, kept\n", "from a import in_annotation, kept\n"),
        ("import kept\n\nif TYPE_CHECKING:\n    import gone\n", "import kept\n"),
        (
            "import kept\n\nif TYPE_CHECKING:\n    import gone\n    import on_purpose\n",
            "import kept\n\nif TYPE_CHECKING:\n    import on_purpose\n",
        ),
    ],
)
def test_imports_that_only_the_solution_needed_are_dropped(imports: str, left: str) -> None:
    code = """
        __all__ = ["listed"]


        def f(x: "in_annotation | None") -> None:
            kept()
            # BEGIN SOLUTION
            gone(g, listed, in_annotation, gone)
            # END SOLUTION
        """
    result = stripped(imports + dedent(code))
    assert result.startswith(left + '\n__all__ = ["listed"]\n')


def test_an_import_that_a_dropped_block_needed_is_dropped_as_well() -> None:
    body = """\
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from a import gone

        X = 1


        def f() -> None:
            # BEGIN SOLUTION
            y: gone
            # END SOLUTION
        """
    assert stripped(body).startswith("X = 1\n")


def test_what_is_left_is_formatted() -> None:
    name = "a_name_so_long_that_the_stub_is_longer_than_a_line"
    body = f"""\
        import os
        from collections import Counter, deque


        class A:
            \"\"\"Doc.\"\"\"

            def {name}(self) -> None:
                # BEGIN SOLUTION
                self.x = Counter(os.environ)
                # END SOLUTION

            # BEGIN SOLUTION
            def _g(self) -> deque[int]: ...

            # END SOLUTION


        # BEGIN SOLUTION
        _TABLE = 1


        # END SOLUTION
        def h() -> None: ...
        """
    result = strip(HEAD + dedent(body), "m.py")
    black = [sys.executable, "-m", "black", "-q", "-l", "100", "-"]
    done = subprocess.run(black, input=result, capture_output=True, text=True, check=True)
    assert done.stdout == result
    assert "import" not in result
