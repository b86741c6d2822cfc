"""Live reads: a fresh mirror costs nothing, identical reads share a call, trouble leaves a marked mirror."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec import Raw
from sqlalchemy import select

from domains.freshness import Freshness, Group, get_freshness
from domains.mirror import Entity, RecordRow
from domains.payables import BillService
from domains.qbo.mapping import Row, read_row
from domains.qbo.storage import Key, Origin, store
from domains.qbo.sync import Need
from domains.sync_history import Kind
from sandbox.qbo import mutations
from sandbox.qbo.mischief import Plan, Trouble
from tests.integration.mirror.stage import Stage, mirror


@pytest.fixture
async def synced(stage: Stage, business: UUID) -> Stage:
    await stage.sync(business, Kind.FULL)
    return stage


def bill_of(stage: Stage, business: UUID) -> Key:
    rows = (row.doc() for row in stage.company(business).tables["Bill"].values())
    return Key(Entity.BILL, next(doc["Id"] for doc in rows if doc["Balance"] > 0 and "VendorRef" in doc))


async def test_a_fresh_record_is_answered_without_a_call(synced: Stage, business: UUID) -> None:
    before = synced.requests(business)
    read = await synced.service.ensure_record(business, bill_of(synced, business), need=Need.FRESH, actor="U1")
    assert (read.state, read.called, read.failure) == (Freshness.FRESH, False, None)
    assert synced.requests(business) == before


@pytest.mark.parametrize(
    ("age", "need", "called"),
    [
        (timedelta(minutes=75), Need.FRESH, False),
        (timedelta(minutes=76), Need.FRESH, True),
        (timedelta(hours=24), Need.USABLE, False),
        (timedelta(hours=25), Need.USABLE, True),
        (timedelta(0), Need.STRICT, True),
    ],
)
async def test_age_and_need_decide_about_a_call(
    synced: Stage, business: UUID, age: timedelta, need: Need, *, called: bool
) -> None:
    synced.clock.advance(age)
    await synced.connect_again(business)
    read = await synced.service.ensure_record(business, bill_of(synced, business), need=need, actor="U1")
    assert read.called is called


async def test_a_strict_read_brings_the_change_before_it_answers(synced: Stage, business: UUID) -> None:
    key = bill_of(synced, business)
    change = {"op": "raw", "entity": "Bill", "id": key.qbo_id, "set": {"DueDate": "2027-01-31"}}
    synced.clock.advance(timedelta(minutes=1))
    mutations.apply(synced.company(business), change, synced.clock.now())
    read = await synced.service.ensure_record(business, key, need=Need.STRICT, actor="U1")
    assert read.state is Freshness.FRESH
    async with synced.db.tenant_session(business) as session:
        bill = await BillService(session).get_by_qbo_id(key.qbo_id)
    assert (str(bill.due_date), bill.last_synced) == ("2027-01-31", synced.clock.now())


async def test_a_strict_read_of_a_deleted_bill_finds_it_gone(synced: Stage, business: UUID) -> None:
    key = bill_of(synced, business)
    synced.clock.advance(timedelta(minutes=1))
    mutations.apply(synced.company(business), {"op": "delete", "entity": "Bill", "id": key.qbo_id}, synced.clock.now())
    await synced.service.ensure_record(business, key, need=Need.STRICT, actor="U1")
    async with synced.db.tenant_session(business) as session:
        assert (await BillService(session).get_by_qbo_id(key.qbo_id)).deleted


async def test_identical_reads_at_the_same_time_share_one_call(synced: Stage, business: UUID) -> None:
    key, before = bill_of(synced, business), synced.requests(business)
    reads = await asyncio.gather(
        *(synced.service.ensure_record(business, key, need=Need.STRICT, actor="U1") for _ in range(5))
    )
    assert synced.requests(business) - before == 1
    assert all(read.called and read.failure is None for read in reads)


async def test_trouble_at_the_vendor_leaves_the_old_record_marked(synced: Stage, business: UUID) -> None:
    key, before = bill_of(synced, business), await mirror(synced.db, business)
    synced.clock.advance(timedelta(hours=25))
    await synced.connect_again(business)
    synced.sandbox.mischief.plans.append(Plan(Trouble.UNAVAILABLE, times=9))
    read = await synced.service.ensure_record(business, key, need=Need.STRICT, actor="U1")
    assert (read.state, read.called, read.failure) == (Freshness.STALE, True, "QuickBooks has a problem.")
    assert await mirror(synced.db, business) == before


async def test_balances_are_read_with_one_request(synced: Stage, business: UUID) -> None:
    synced.clock.advance(timedelta(minutes=50))
    before = synced.requests(business)
    read = await synced.service.ensure_balances(business, need=Need.FRESH, actor="U1")
    assert (read.called, synced.requests(business) - before) == (True, 1)
    async with synced.db.tenant_session(business) as session:
        freshness = await get_freshness(session, synced.clock)
    assert freshness.of(Group.BALANCES).state is Freshness.FRESH
    assert freshness.of(Group.BALANCES).last_synced == synced.clock.now()


async def test_an_older_version_never_replaces_a_newer_one(synced: Stage, business: UUID) -> None:
    """The answer of a slow replica, stored after the answer of a fast one."""
    key = bill_of(synced, business)
    old = await row_of(synced, business, key)
    synced.clock.advance(timedelta(minutes=5))
    change = {"op": "raw", "entity": "Bill", "id": key.qbo_id, "set": {"PrivateNote": "newer"}}
    mutations.apply(synced.company(business), change, synced.clock.now())
    await synced.sync(business)
    newer = await mirror(synced.db, business)
    late = read_row(Entity.BILL, Raw(old.document.encode()))
    assert isinstance(late, Row)
    async with synced.db.tenant_session(business) as session:
        origin = Origin(Kind.INCREMENTAL, "runway", None, synced.clock.now())
        news = await store(session, [late], synced.clock.now() + timedelta(minutes=1), origin)
    assert news == []
    assert await mirror(synced.db, business) == newer


async def row_of(stage: Stage, business: UUID, key: Key) -> RecordRow:
    async with stage.db.tenant_session(business) as session:
        found = select(RecordRow).where(RecordRow.entity == key.entity, RecordRow.qbo_id == key.qbo_id)
        return (await session.execute(found)).scalar_one()
