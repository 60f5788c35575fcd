"""Progress on a terminal: one bar for each thing that is being done."""

import sys
from types import TracebackType
from typing import NoReturn, Self

from tqdm import tqdm


class ProgressBar:
    """Shows how far a load has come, on standard error; quiet steps leave one line."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._message = ""

    def __call__(self, message: str, done: int, total: int) -> None:
        """Say what is being done, how much of it is done, and how much there is."""
        bar = self._bar
        if message != self._message or bar is None:
            self.close()
            self._message = message
            bar = self._bar = tqdm(total=total, desc=message, file=sys.stderr, mininterval=0.2)
        bar.total = total
        bar.update(done - bar.n)

    def close(self) -> None:
        """Leave the bar as it is and go on below it."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
