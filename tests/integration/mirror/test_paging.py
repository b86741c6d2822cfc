"""Pages of a large company, read several at once while people go on working in it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.mirror import Entity
from domains.qbo.faults import MalformedAnswer
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from sandbox.books.bulk import bulk_bills
from sandbox.qbo.mischief import PageHook, Plan, Trouble
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth

COUNT = 6500


@pytest.fixture
async def large(db: Database, keyring: Keyring, clock: FrozenClock, business: UUID) -> AsyncIterator[Stage]:
    company = bulk_bills(COUNT, clock.now().date(), open_share=0.02)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, company.realm)
        yield stage


def hook(stage: Stage, business: UUID, after: int, **mutation: Any) -> None:
    stage.sandbox.mischief.hooks.append(PageHook(stage.realms[business], after, mutation, "Bill"))


def some(stage: Stage, business: UUID, number: int) -> str:
    return list(stage.company(business).tables[Entity.BILL])[number]


async def test_several_slices_hold_every_row_once(large: Stage, business: UUID) -> None:
    await large.sync(business, Kind.FULL)
    assert differences(truth(large.company(business)), await mirror(large.db, business)) == []
    run = await large.last_run(business)
    assert run.done >= run.expected


async def test_rows_edited_created_and_deleted_between_pages_all_land(large: Stage, business: UUID) -> None:
    for page, number in enumerate((10, 2500, 4000, 6000), start=1):
        hook(large, business, page, op="raw", entity="Bill", id=some(large, business, number), set={"PrivateNote": "x"})
        hook(large, business, page, op="pay_bill", id=_open(large, business, page))
    hook(large, business, 3, op="delete", entity="Bill", id=_open(large, business, 9))
    await large.sync(business, Kind.FULL)
    assert not large.sandbox.mischief.hooks
    large.clock.advance(timedelta(minutes=1))
    await large.sync(business)
    assert differences(truth(large.company(business)), await mirror(large.db, business)) == []


def _open(stage: Stage, business: UUID, number: int) -> str:
    rows = (row.doc() for row in stage.company(business).tables[Entity.BILL].values())
    return [str(doc["Id"]) for doc in rows if doc["Balance"] > 0][number]


async def test_a_thousand_rows_of_one_second_do_not_stop_the_pages(
    db: Database, keyring: Keyring, clock: FrozenClock, business: UUID
) -> None:
    company = bulk_bills(2600, clock.now().date())
    for row in list(company.tables["Bill"].values()):
        document = row.doc()
        document["MetaData"]["LastUpdatedTime"] = "2026-11-20T08:00:00-08:00"
        company.put("Bill", document)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, company.realm)
        await stage.sync(business, Kind.FULL)
        assert differences(truth(company), await mirror(db, business)) == []


async def test_open_bills_are_stored_before_the_rest(large: Stage, business: UUID) -> None:
    """The third page fails for good: what people need first is there already."""
    large.sandbox.mischief.plans.append(Plan(Trouble.NAN, times=99, skip=1, endpoint="query", entity="Bill"))
    with pytest.raises(MalformedAnswer):
        await large.sync(business, Kind.FULL)
    held = await mirror(large.db, business)
    unpaid = {key for key, doc in truth(large.company(business)).items() if key[0] == "Bill" and doc["Balance"] > 0}
    assert unpaid <= held.keys()
