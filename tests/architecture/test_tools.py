"""The linters, the type checker and the import contracts: a finding fails the run."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable

# import-linter has no `python -m` form: `importlinter.cli` exits 0 without looking at anything.
LINT_IMPORTS = str(Path(sys.executable).with_name("lint-imports"))

# Each with the words it says when it has looked and found nothing.
TOOLS = {
    "ruff-format": ([PYTHON, "-m", "ruff", "format", "--check", "."], "already formatted"),
    "ruff-check": ([PYTHON, "-m", "ruff", "check", "."], "All checks passed"),
    "mypy": ([PYTHON, "-m", "mypy"], "Success: no issues found"),
    "import-contracts": ([LINT_IMPORTS], " 0 broken"),
}


class EveryTool:
    @pytest.mark.parametrize("name", list(TOOLS))
    def test_finds_nothing(self, name: str) -> None:
        command, content = TOOLS[name]

        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert content in said, said
