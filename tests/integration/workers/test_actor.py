"""A run that was overtaken before it could settle its row says nothing of it, however it ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.messenger import Messenger
from bot.tools import Tools
from domains.books import Books
from kit import outbox
from kit.clock import FrozenClock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database, SystemSession
from kit.errors import Busy, Refused
from kit.jobs import Job
from kit.limits import new_redis
from kit.metrics import Metrics
from kit.runtime import Runtime
from workers.actor import Work, handles, run_next


@dataclass(frozen=True, slots=True, kw_only=True)
class Finale(Job):
    ending: str


@handles(Finale)
async def end(job: Finale, _work: Work) -> None:
    match job.ending:
        case "busy":
            raise Busy("not now", retry_after=1)
        case "refused":
            raise Refused("no")
        case "bug":
            raise KeyError("a bug of ours")
        case "told to go":
            running = asyncio.current_task()
            assert running is not None
            running.cancel()
            await asyncio.sleep(60)


class Overtaking(Database):
    """Between the claim and whatever the run says of its row, the lease lapses and another worker takes the row."""

    heir: outbox.Claim | None = None
    asked = 0

    @asynccontextmanager
    async def system_session(self) -> AsyncIterator[SystemSession]:
        self.asked += 1
        if self.asked == 2:
            await self._overtake()
        async with super().system_session() as session:
            yield session

    async def _overtake(self) -> None:
        async with super().system_session() as session:
            lapsed = "UPDATE outbox SET lease_until = now() - interval '9 s' WHERE kind = 'Finale' RETURNING id"
            row = (await session.execute(text(lapsed))).scalar_one()
            self.heir = await outbox.claim(session, only=row)


@pytest.fixture
async def tools(db: Database, clock: FrozenClock) -> AsyncIterator[Tools]:
    """Of a worker that is overtaken in its first job."""
    redis = new_redis("redis://127.0.0.1:1")  # never asked
    database = Overtaking(db.engine)
    runtime = Runtime(Settings(), database, redis, clock, Keyring({"test": bytes(32)}), Metrics())
    yield Tools(runtime, cast(Messenger, None), cast(Books, None))
    async with db.system_session() as session:
        await session.execute(text("DELETE FROM outbox WHERE kind = 'Finale'"))


@pytest.mark.parametrize(
    ("ending", "attempts"),
    [("well", 0), ("busy", 0), ("refused", 0), ("bug", 0), ("told to go", 0), ("buried", outbox.CRASHES_TO_DIE)],
)
async def test_who_is_overtaken_leaves_the_row_to_its_heir_and_goes_on(
    tools: Tools, business: UUID, ending: str, attempts: int
) -> None:
    async with tools.db.tenant_session(business) as session:
        await outbox.enqueue(session, Finale(ending=ending), key="finale")
        row = (
            await session.execute(text("UPDATE outbox SET attempts = :n RETURNING id"), {"n": attempts})
        ).scalar_one()
    run = asyncio.create_task(run_next(tools, only=row))
    await asyncio.wait({run})
    assert run.cancelled() if ending == "told to go" else run.result()
    heir = cast(Overtaking, tools.db).heir
    assert heir is not None
    async with tools.db.tenant_session(business) as session:
        await outbox.hold(session, heir)
        facts = await session.execute(text("SELECT attempts, done_at, dead_at, last_error FROM outbox"))
        assert facts.one() == (attempts + 2, None, None, None)
