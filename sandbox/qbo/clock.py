"""The stand-in's own time: the configured clock plus an offset that tests may move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    def __init__(self, source: Callable[[], datetime]) -> None:
        self._source = source
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return self._source() + self.offset
