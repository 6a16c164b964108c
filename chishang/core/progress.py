"""A progress bar for long commands."""

import sys
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from chishang.core.ledgers import Progress


class Bar(Progress):
    """Draws the progress of an import in a terminal; elsewhere it keeps silent."""

    def __init__(self) -> None:
        self.bar: Any = tqdm(total=0, disable=not sys.stderr.isatty(), unit="步", dynamic_ncols=True)

    def start(self, steps: int) -> None:
        """Set the length of the bar."""
        self.bar.total = steps
        self.bar.refresh()

    def step(self, message: str) -> None:
        """Advance by one and show what is being done."""
        self.bar.set_description_str(message)
        self.bar.update()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.close()
