"""A clock that a test can push forward, and timestamps that never repeat."""

import time


class Clock:
    def __init__(self) -> None:
        self.offset = 0.0
        self._last = 0

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> float:
        self.offset += seconds
        return self.now()

    def next_ts(self) -> str:
        """Slack's message id: seconds and six digits, strictly increasing."""
        micros = max(int(self.now() * 1_000_000), self._last + 1)
        self._last = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def start_after(self, ts: str) -> None:
        seconds, _, micros = ts.partition(".")
        self._last = max(self._last, int(seconds) * 1_000_000 + int(micros or 0))
