"""Counts what Intuit counts: every request in a ledger, reads against a monthly quota, rates per realm."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sandbox.qbo.clock import Clock

READS = frozenset({"query", "cdc", "read", "companyinfo", "preferences", "report"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `reads` is what it costs on the CorePlus meter (0 unless it succeeded)."""

    at: datetime
    realm: str
    method: str
    endpoint: str
    entity: str
    status: int
    intuit_tid: str
    reads: int
    detail: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


class Ledger:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.monthly: dict[str, int] = defaultdict(int)

    def record(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.monthly[entry.at.strftime("%Y-%m")] += entry.reads

    def reset(self) -> None:
        self.entries.clear()
        self.monthly.clear()

    def reads_in_month_of(self, at: datetime) -> int:
        return self.monthly.get(at.strftime("%Y-%m"), 0)

    def summary(self) -> dict[str, Any]:
        by_endpoint: dict[str, int] = defaultdict(int)
        for entry in self.entries:
            by_endpoint[entry.endpoint] += 1
        return {"requests": len(self.entries), "reads_by_month": dict(self.monthly), "by_endpoint": dict(by_endpoint)}


class RateLimits:
    """10 a second, 500 a minute and 10 at once per realm; batches 40 a minute."""

    def __init__(self, clock: Clock, *, enabled: bool) -> None:
        self.enabled = enabled
        self.per_second = 10
        self.per_minute = 500
        self.at_once = 10
        self.batches_per_minute = 40
        self._clock = clock
        self._seen: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._in_flight: dict[str, int] = defaultdict(int)

    def admit(self, realm: str, endpoint: str) -> bool:
        """Whether a request may pass; a refused one does not count against the rates."""
        if not self.enabled:
            return True
        now = self._clock.now().timestamp()
        requests = self._recent((realm, "request"), now)
        last_second = sum(1 for at in requests if at > now - 1)
        if last_second >= self.per_second or len(requests) >= self.per_minute:
            return False
        if self._in_flight[realm] >= self.at_once:
            return False
        if endpoint == "batch":
            batches = self._recent((realm, "batch"), now)
            if len(batches) >= self.batches_per_minute:
                return False
            batches.append(now)
        requests.append(now)
        return True

    def _recent(self, key: tuple[str, str], now: float) -> deque[float]:
        seen = self._seen[key]
        while seen and seen[0] <= now - 60:
            seen.popleft()
        return seen

    def enter(self, realm: str) -> None:
        self._in_flight[realm] += 1

    def leave(self, realm: str) -> None:
        self._in_flight[realm] -= 1
