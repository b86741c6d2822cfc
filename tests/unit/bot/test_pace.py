"""Slack's pace: people who click together do not queue for each other, and a 429 is heard by everybody."""

from typing import cast
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoRedis

from bot.messenger.pace import RATES, Pace
from kit.errors import Busy
from kit.limits import Limiter, Rate

# Slack's tiers 2, 3 and 4, calls a minute.
TIERS = {"users.list": 20, "chat.update": 50, "conversations.open": 50}


class Away:
    """A Redis that does not answer: the process keeps its own count."""

    def register_script(self, _script: str) -> object:
        async def fail(**_given: object) -> None:
            raise NoRedis

        return fail


class Counting(Limiter):
    """Remembers how long each was told to wait; its time stands still."""

    def __init__(self) -> None:
        super().__init__(cast(Redis, Away()), 1.0, monotonic=lambda: 0.0)
        self.waits: list[float] = []

    async def take(self, key: str, rates: tuple[Rate, ...]) -> float:
        self.waits.append(await super().take(key, rates))
        return self.waits[-1]


@pytest.fixture
def pace() -> Pace:
    return Pace(Counting())


@pytest.mark.parametrize("method", sorted(set(RATES) - {"chat.postMessage"}))
def test_no_minute_holds_more_calls_than_slack_allows(method: str) -> None:
    rate = RATES[method]
    assert rate.per_seconds == 60
    assert rate.n + rate.burst <= TIERS.get(method, 100)


async def test_forms_of_several_people_open_at_once() -> None:
    limiter, business = Counting(), uuid4()
    for _ in range(20):
        await Pace(limiter).take_turn(business, "views.open", {})
    assert limiter.waits == [0.0] * 20


async def test_after_a_429_nobody_asks_the_same_again_before_it_may_be_asked(pace: Pace) -> None:
    business, other = uuid4(), uuid4()
    await pace.hold(business, "chat.update", {}, 30)
    with pytest.raises(Busy) as told:
        await pace.take_turn(business, "chat.update", {})
    assert told.value.retry_after == 30
    await pace.take_turn(business, "users.info", {})
    await pace.take_turn(other, "chat.update", {})


async def test_a_limit_of_one_channel_is_no_limit_of_another(pace: Pace) -> None:
    business = uuid4()
    await pace.hold(business, "chat.postMessage", {"json": {"channel": "C1"}}, 30)
    with pytest.raises(Busy):
        await pace.take_turn(business, "chat.postMessage", {"json": {"channel": "C1"}})
    await pace.take_turn(business, "chat.postMessage", {"json": {"channel": "C2"}})


class Crowded(Limiter):
    """When the place becomes free, somebody else has it."""

    def __init__(self) -> None:
        super().__init__(cast(Redis, Away()), 1.0)
        self._waits = iter((0.01, 1.0))

    async def take(self, key: str, rates: tuple[Rate, ...]) -> float:
        return next(self._waits)


async def test_a_form_is_waited_for_no_longer_than_its_trigger_lives() -> None:
    with pytest.raises(Busy):
        await Pace(Crowded()).take_turn(uuid4(), "views.open", {})
