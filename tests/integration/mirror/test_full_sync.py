"""After a first sync the mirror is the books."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from domains.connections import end_connection
from domains.sync_history import Kind, RunState
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from sandbox.books.characters import build
from sandbox.books.demo import DEMO
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth

REALM = "9130000000000001"


@pytest.fixture
async def stage(db: Database, keyring: Keyring, clock: FrozenClock, business: UUID) -> AsyncIterator[Stage]:
    company = build(DEMO.key, 7, clock.now().date(), realm=REALM)
    async with staged(db, keyring, clock, (company,)) as made:
        await made.connect(business, REALM)
        yield made
        async with db.tenant_session(business) as session:
            await end_connection(session, clock.now())


async def test_the_mirror_equals_the_books_row_by_row(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []
    run = await stage.last_run(business)
    assert run.state == RunState.SUCCEEDED
    print(run.requests, run.reads, run.done, run.expected, run.changed)
    before = stage.requests(business)
    await stage.sync(business)
    assert stage.requests(business) - before == 1
