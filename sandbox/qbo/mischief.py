"""Faults on request: which of the coming requests go wrong, and how."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Trouble(StrEnum):
    """What goes wrong. The lower half spoils a good answer, the upper half replaces it."""

    UNAUTHORIZED = "401"
    LOST_RIGHTS = "401-120"
    FORBIDDEN = "403"
    THROTTLED = "429"
    THROTTLED_UPPER = "429-upper"
    THROTTLED_XML = "429-xml"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    HTML = "html"
    XML = "xml"
    FAULT_IN_200 = "fault-in-200"
    STALE = "5010"
    TIMEOUT = "timeout"
    RESET = "reset"
    BOMB = "gzip-bomb"
    DRIP = "drip"
    TRUNCATED = "truncated"
    CUT = "cut"
    NAN = "nan"
    MISSING_ID = "missing-id"
    DUPLICATE_KEYS = "duplicate-keys"
    ITEM_FAULT = "item-fault"
    LIVE_AS_DELETED = "live-as-deleted"


SPOILERS = frozenset(
    {
        Trouble.DRIP,
        Trouble.TRUNCATED,
        Trouble.CUT,
        Trouble.NAN,
        Trouble.MISSING_ID,
        Trouble.DUPLICATE_KEYS,
        Trouble.ITEM_FAULT,
        Trouble.LIVE_AS_DELETED,
    }
)


@dataclass(slots=True)
class Plan:
    """`times` requests that match go wrong, after `skip` that match pass.

    `applied`: the request does its work first and only the answer is lost. `seconds` for timeout and drip.
    """

    trouble: Trouble
    times: int = 1
    skip: int = 0
    endpoint: str | None = None
    entity: str | None = None
    realm: str | None = None
    applied: bool = False
    seconds: float = 5.0
    megabytes: int = 200

    def matches(self, realm: str, endpoint: str, entity: str) -> bool:
        """The token endpoint goes wrong only when it is named: it has no realm and no entity."""
        if endpoint == "token" and self.endpoint is None:
            return False
        wanted = ((self.realm, realm), (self.endpoint, endpoint), (self.entity, entity))
        return all(want is None or want.lower() == got.lower() for want, got in wanted)


@dataclass(slots=True)
class RandomTrouble:
    rate: float
    troubles: tuple[Trouble, ...]
    seconds: float = 0.05


@dataclass(slots=True)
class PageHook:
    """Apply `mutation` after `after_pages` more query pages (of `entity`, when named) have been served."""

    realm: str
    after_pages: int
    mutation: dict[str, Any]
    entity: str | None = None


@dataclass(slots=True)
class Mischief:
    seed: int
    plans: list[Plan] = field(default_factory=list)
    hooks: list[PageHook] = field(default_factory=list)
    chance: RandomTrouble | None = None
    latency_seconds: float = 0.0
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def reseed(self, seed: int) -> None:
        self._random = random.Random(seed)

    def clear(self) -> None:
        self.plans.clear()
        self.hooks.clear()
        self.chance = None
        self.latency_seconds = 0.0

    def find(self, realm: str, endpoint: str, entity: str) -> Plan | None:
        """The trouble for this request, used up by it."""
        for plan in self.plans:
            if not plan.matches(realm, endpoint, entity):
                continue
            if plan.skip:
                plan.skip -= 1
                continue
            plan.times -= 1
            if plan.times <= 0:
                self.plans.remove(plan)
            return plan
        if self.chance and endpoint != "token" and self._random.random() < self.chance.rate:
            return Plan(self._random.choice(self.chance.troubles), seconds=self.chance.seconds)
        return None

    def due_hooks(self, realm: str, entity: str) -> list[dict[str, Any]]:
        """Mutations that fall due with one more page of that entity."""
        due = []
        for hook in list(self.hooks):
            if hook.realm != realm or (hook.entity and hook.entity.lower() != entity.lower()):
                continue
            hook.after_pages -= 1
            if hook.after_pages <= 0:
                self.hooks.remove(hook)
                due.append(hook.mutation)
        return due
