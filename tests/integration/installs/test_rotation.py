"""A bot token that is about to end is replaced once, and a bad evening at Slack costs nothing while it is good."""

import asyncio
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
from redis.asyncio import Redis

from domains.slack_tokens import Rotated, get_token
from kit.clock import FrozenClock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database
from kit.errors import Busy, FaultDetail, RunwayError, VendorFault
from kit.metrics import Metrics
from kit.runtime import Runtime
from orchestrators.installs import install
from tests.installs import granted

HALF_A_DAY = 43_200


@pytest.fixture
def runtime(db: Database, clock: FrozenClock) -> Runtime:
    return Runtime(Settings(), db, cast(Redis, None), clock, Keyring({"test": bytes(32)}), Metrics())


@pytest.fixture
async def business(runtime: Runtime) -> UUID:
    rotating = granted(token="first", refresh_token="refresh-1", expires_in=HALF_A_DAY)
    return await install(runtime.db, runtime.keyring, runtime.clock, rotating)


class Slack:
    def __init__(self, trouble: RunwayError | None = None) -> None:
        self.asked: list[str] = []
        self._trouble = trouble

    async def refresh(self, refresh_token: str) -> Rotated:
        self.asked.append(refresh_token)
        if self._trouble:
            raise self._trouble
        return Rotated("second", "refresh-2", HALF_A_DAY)


async def test_many_who_need_a_token_refresh_it_once(runtime: Runtime, clock: FrozenClock, business: UUID) -> None:
    slack = Slack()
    assert await get_token(runtime, business, refresh=slack.refresh) == "first"
    clock.advance(timedelta(hours=11))
    tokens = await asyncio.gather(*(get_token(runtime, business, refresh=slack.refresh) for _ in range(5)))
    assert set(tokens) <= {"first", "second"}, "both are good: nobody waits for the new one"
    assert await get_token(runtime, business, refresh=slack.refresh) == "second"
    assert slack.asked == ["refresh-1"]


async def test_a_refresh_that_hangs_holds_nobody_up_whose_token_is_still_good(
    runtime: Runtime, clock: FrozenClock, business: UUID
) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def refresh(_token: str) -> Rotated:
        asked.set()
        await answer.wait()
        return Rotated("second", "refresh-2", HALF_A_DAY)

    clock.advance(timedelta(hours=11))
    first = asyncio.create_task(get_token(runtime, business, refresh=refresh))
    await asked.wait()
    assert await get_token(runtime, business, refresh=refresh) == "first"
    answer.set()
    assert await first == "second"


@pytest.mark.parametrize(
    "trouble", [Busy("no answer", retry_after=1), VendorFault("no", FaultDetail("slack", "invalid_refresh_token"))]
)
async def test_a_token_that_cannot_be_replaced_serves_until_its_end(
    runtime: Runtime, clock: FrozenClock, business: UUID, trouble: RunwayError
) -> None:
    slack = Slack(trouble)
    clock.advance(timedelta(hours=11))
    assert await get_token(runtime, business, refresh=slack.refresh) == "first"
    clock.advance(timedelta(hours=2))
    with pytest.raises(type(trouble)):
        await get_token(runtime, business, refresh=slack.refresh)
