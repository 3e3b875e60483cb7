"""The stubs, and the notebook."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

HERE = Path(__file__).parent


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=HERE.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_say_what_is_there() -> None:
    run("mypy.stubtest", "tabella")


def test_types() -> None:
    run("mypy", "--strict", "--package", "tabella")
    run("mypy", "--strict", "tests")


@pytest.mark.parametrize("notebook", sorted((HERE.parent / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebook(notebook: Path, tmp_path: Path) -> None:
    content: Any = nbformat.read(notebook, as_version=4)
    outputs = [cell for cell in content.cells if cell.get("outputs") or cell.get("execution_count")]
    assert not outputs, "outputs are not kept in the repository"
    nbclient.NotebookClient(content, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
