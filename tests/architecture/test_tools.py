"""The linters, the type checker and the import contracts: a finding fails the run."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

TOOLS = {
    "ruff-format": ["ruff", "format", "--check", "."],
    "ruff-check": ["ruff", "check", "."],
    "mypy": ["mypy"],
    "import-contracts": ["lint-imports"],
}


class EveryTool:
    @pytest.mark.parametrize("name", list(TOOLS))
    def test_finds_nothing(self, name: str) -> None:
        program, *arguments = TOOLS[name]
        done = subprocess.run(
            [str(BIN / program), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
