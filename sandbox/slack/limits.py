"""Slack's rate limits: one bucket per workspace and method, and one per channel for posting."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
POSTS_PER_CHANNEL = (60, 5)  # a minute, burst
POSTS_PER_TEAM = (300, 100)


@dataclass(slots=True)
class Bucket:
    per_minute: float
    burst: float
    level: float
    at: float

    def take(self, now: float) -> int:
        """0 when allowed, otherwise the whole seconds to wait (Retry-After)."""
        self.level = min(self.burst, self.level + (now - self.at) * self.per_minute / 60)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0
        return max(1, math.ceil((1 - self.level) * 60 / self.per_minute))


@dataclass(slots=True)
class Limits:
    now: Callable[[], float]
    enabled: bool = False
    overrides: dict[str, tuple[float, float]] = field(default_factory=dict)  # method -> (a minute, burst)
    buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)

    def check(self, team_id: str, method: str, tier: int, channel: str = "") -> int:
        if not self.enabled:
            return 0
        if method == "chat.postMessage":
            wait = self._take((team_id, method, channel), self.overrides.get(method, POSTS_PER_CHANNEL))
            return wait or self._take((team_id, method), POSTS_PER_TEAM)
        per_minute = PER_MINUTE[tier]
        return self._take((team_id, method), self.overrides.get(method, (per_minute, per_minute)))

    def configure(self, *, enabled: bool, overrides: dict[str, tuple[float, float]]) -> None:
        self.enabled, self.overrides = enabled, overrides
        self.buckets.clear()

    def _take(self, key: tuple[str, ...], rate: tuple[float, float]) -> int:
        per_minute, burst = rate
        bucket = self.buckets.setdefault(key, Bucket(per_minute, burst, burst, self.now()))
        return bucket.take(self.now())
