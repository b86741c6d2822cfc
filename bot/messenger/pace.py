"""Slack's pace, kept before Slack has to ask for it: per workspace and method, and posts per channel."""

import asyncio
from collections.abc import Mapping
from math import inf
from typing import Any
from uuid import UUID

from kit.errors import Busy
from kit.limits import Limiter, Rate

FALLBACK_SHARE = 0.25  # of each rate, while Redis cannot say what the other processes use
LONGEST_WAIT_S = 2.0

# Rate and burst together stay below Slack's tiers (100, 50 and 20 a minute): several people may click at once.
TIER_4, TIER_3, TIER_2 = Rate(60, 60, burst=35), Rate(30, 60, burst=18), Rate(12, 60, burst=7)
RATES: Mapping[str, Rate] = {
    "chat.postMessage": Rate(5, 5),  # about one a second and channel
    "chat.update": TIER_3,
    "chat.postEphemeral": TIER_4,
    "conversations.open": TIER_3,
    "views.open": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
    "views.publish": TIER_4,
    "users.info": TIER_4,
    "users.list": TIER_2,
}
PER_CHANNEL = frozenset({"chat.postMessage"})
# The pages of one list belong together: giving up after the first would mean to begin again for ever. A form's trigger
# lives three seconds from the click: to wait longer would use up a place for a form that does not open.
PATIENCE_S: Mapping[str, float] = {"users.list": 30.0, "views.open": 1.0, "views.push": 1.0}


class Pace:
    """Shared by all processes through Redis."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    async def take_turn(self, business: UUID, method: str, body: Mapping[str, Any]) -> None:
        """Wait for a place. Raises `Busy` when the queue is long: that is the job's to wait for, not a connection's."""
        rate = RATES.get(method)
        if rate is None:
            return
        longest, left = PATIENCE_S.get(method, LONGEST_WAIT_S), PATIENCE_S.get(method, inf)
        while (wait := await self._limiter.take(_key(business, method, body), (rate,))) > 0:
            left -= wait  # a place that became free may have gone to somebody else
            if wait > longest or left < 0:
                raise Busy(f"{method} is at its pace", retry_after=wait)
            await asyncio.sleep(wait)

    async def hold(self, business: UUID, method: str, body: Mapping[str, Any], seconds: float) -> None:
        """Slack said 429: nobody asks this again before it may be asked."""
        if method in RATES:
            await self._limiter.pause(_key(business, method, body), seconds)


def _key(business: UUID, method: str, body: Mapping[str, Any]) -> str:
    place = (body.get("json") or {}).get("channel", "") if method in PER_CHANNEL else ""
    return f"slack:{business}:{method}:{place}"
