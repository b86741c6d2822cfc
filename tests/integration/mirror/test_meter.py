"""What was asked of QuickBooks is on the month's bill, whatever became of the transaction that was to write it down."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import select

from domains.books import Books
from domains.qbo.sync import SyncOrder
from domains.sync_history import Kind, ReadMeterRow
from kit.db import TenantSession
from kit.errors import Busy, LeaseLost
from sandbox.qbo.mischief import Plan, Trouble
from tests.integration.mirror.stage import Stage

Failing = Callable[[], AbstractAsyncContextManager[TenantSession]]


def failing(stage: Stage, business: UUID, error: Exception, at: frozenset[int]) -> Failing:
    """Units of work; those with these numbers end with the error just before their commit."""
    opened = 0

    @asynccontextmanager
    async def unit() -> AsyncIterator[TenantSession]:
        nonlocal opened
        opened += 1
        number = opened
        async with stage.db.tenant_session(business) as session:
            yield session
            if number in at:
                raise error

    return unit


async def metered(stage: Stage, business: UUID) -> int:
    async with stage.db.tenant_session(business) as session:
        return sum((await session.execute(select(ReadMeterRow.requests))).scalars())


async def test_requests_of_a_transaction_that_failed_are_counted_by_the_next(stage: Stage, business: UUID) -> None:
    unit = failing(stage, business, Busy("the database asked to try again", retry_after=0), at=frozenset({7}))
    order = SyncOrder(Kind.FULL, "U1", "job-meter")
    with pytest.raises(Busy):
        await stage.service.run(business, unit, order)
    assert await metered(stage, business) == stage.requests(business) > 0
    await stage.service.run(business, stage.unit(business), order)
    assert await metered(stage, business) == stage.requests(business)


async def test_requests_of_a_worker_that_was_overtaken_are_counted_too(stage: Stage, business: UUID) -> None:
    unit = failing(stage, business, LeaseLost("overtaken"), at=frozenset(range(7, 99)))
    with pytest.raises(LeaseLost):
        await stage.service.run(business, unit, SyncOrder(Kind.FULL, "U1", "job-overtaken"))
    assert await metered(stage, business) == stage.requests(business) > 0


async def test_a_note_that_could_not_be_written_is_on_the_bill_all_the_same(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    bill = next(row.id for row in stage.company(business).tables["Bill"].values() if "VendorRef" in row.doc())
    stage.sandbox.mischief.plans.append(Plan(Trouble.RESET, times=9, skip=1))
    with pytest.raises(Busy):
        await Books(stage.service).write_note(business, stage.unit(business), bill, "Approved", intent="decision:1")
    assert await metered(stage, business) == stage.requests(business)


async def test_what_was_counted_once_is_not_counted_twice(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    await stage.sync(business)
    assert await metered(stage, business) == stage.requests(business)
