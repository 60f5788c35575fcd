"""How far a long piece of work has come, kept beside its output so that it can be taken up again.

After every block the output is written through to the disk, and then one line says how many rows
and bytes it holds. Whatever a killed process wrote beyond the last line is cut off on the next
start; so no row is lost and none is written twice.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from registry.errors import SourceIsUnreadable

PART, PROGRESS = ".part", ".progress"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the output is sure."""

    rows: int
    bytes: int


class Journal:
    """The unfinished output of a piece of work, and how far it has come."""

    def __init__(self, output: Path, work: dict[str, Any]) -> None:
        """Take up what an earlier process left, if it was the same work.

        Args:
            work: what tells this work from another: its input and everything the answers rest on.

        Raises:
            SourceIsUnreadable: the output belongs to other work that was left unfinished.
        """
        self._output = output
        self.part = output.with_name(output.name + PART)
        self._marks = output.with_name(output.name + PROGRESS)
        self.work = work
        self.done = self._taken_up()
        self._out: IO[bytes] | None = None
        self._log: IO[str] | None = None

    def __enter__(self) -> Self:
        mode = "r+b" if self.part.exists() else "w+b"
        self._out = self.part.open(mode)
        self._out.truncate(self.done.bytes)
        self._out.seek(self.done.bytes)
        if self.done.rows == 0 and not self._marks.exists():
            self._marks.write_text(json.dumps(self.work) + "\n", encoding="utf-8")
        self._log = self._marks.open("a", encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in (self._out, self._log):
            if file is not None:
                file.close()

    def write(self, block: bytes, rows: int) -> None:
        """Add the bytes of some rows, and make them sure."""
        assert self._out is not None
        assert self._log is not None
        self._out.write(block)
        self._out.flush()
        os.fsync(self._out.fileno())
        self.done = Progress(self.done.rows + rows, self.done.bytes + len(block))
        self._log.write(json.dumps([self.done.rows, self.done.bytes]) + "\n")
        self._log.flush()

    def finish(self, made: Path | None = None) -> None:
        """Give the output its name; there is nothing to take up any more.

        Args:
            made: what was made from the output and takes its place.
        """
        (made or self.part).replace(self._output)
        self._marks.unlink()
        self.part.unlink(missing_ok=True)

    def _taken_up(self) -> Progress:
        lines = self._marks.read_text(encoding="utf-8").splitlines() if self._marks.exists() else []
        if not lines or not self.part.exists():
            self._marks.unlink(missing_ok=True)
            return Progress(0, 0)
        held = _read(lines[0])
        told = {**self.work, "known": held.get("known")} if isinstance(held, dict) else {}
        if held != told:
            raise SourceIsUnreadable(
                self._marks.name,
                "it belongs to other work that was left unfinished: finish that, "
                "or remove the file to begin anew",
            )
        self.work = told
        marks = [mark for line in lines[1:] if isinstance(mark := _read(line), list)]
        size = self.part.stat().st_size
        sure = [Progress(*mark) for mark in marks if mark[1] <= size]
        return sure[-1] if sure else Progress(0, 0)


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None  # cut off when the process was killed
