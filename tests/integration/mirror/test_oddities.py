"""What QuickBooks may do though no document says so: short answers, wrong counts, merges that leave hardly a trace."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domains.mirror import Entity, QuarantineRow
from domains.qbo.verifying import CountsDiffer, _held_but_not
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from kit.errors import Busy
from sandbox.books.bulk import bulk_bills
from sandbox.qbo import mutations
from sandbox.qbo.mischief import PageHook, Plan, Trouble
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth


@pytest.fixture
async def synced(stage: Stage, business: UUID) -> Stage:
    await stage.sync(business, Kind.FULL)
    stage.clock.advance(timedelta(minutes=10))
    return stage


def act(stage: Stage, business: UUID, **mutation: Any) -> None:
    mutations.apply(stage.company(business), mutation, stage.clock.now())


async def wrong(stage: Stage, business: UUID) -> list[str]:
    return differences(truth(stage.company(business)), await mirror(stage.db, business))


async def test_pages_that_are_shorter_than_asked_for_lose_nothing(stage: Stage, business: UUID) -> None:
    stage.line.largest = 25
    await stage.sync(business, Kind.FULL)
    assert await wrong(stage, business) == []


async def test_what_a_short_answer_left_out_is_not_taken_for_deleted(synced: Stage, business: UUID) -> None:
    kept, gone = _names(synced, business, billed=True)
    act(synced, business, op="merge", entity="Vendor", id=gone, into=kept, stub=True)
    synced.line.largest = 1
    await synced.sync(business)
    assert await wrong(synced, business) == []


def _names(stage: Stage, business: UUID, **wanted: bool) -> tuple[str, str]:
    """A vendor to stay and one to go, with documents; of a balance only where it may have one."""
    company = stage.company(business)
    bills = [row.doc() for row in company.tables[Entity.BILL].values()]
    billed = [doc["VendorRef"]["value"] for doc in bills if "VendorRef" in doc]
    vendors = [row.doc() for row in company.tables[Entity.VENDOR].values() if row.doc()["Active"]]
    gone = next(doc for doc in vendors if billed.count(doc["Id"]) > 1 and (doc["Balance"] == 0) is not wanted["billed"])
    return next(doc["Id"] for doc in vendors if doc is not gone), gone["Id"]


async def test_documents_of_a_name_that_was_merged_and_left_inactive_are_followed(
    synced: Stage, business: UUID
) -> None:
    kept, gone = _names(synced, business, billed=True)
    act(synced, business, op="merge", entity="Vendor", id=gone, into=kept, hidden=True)
    await synced.sync(business)
    assert await wrong(synced, business) == []


async def test_two_names_that_become_one_while_pages_are_read_are_found_though_nothing_tells_of_it(
    stage: Stage, business: UUID
) -> None:
    kept, gone = _names(stage, business, billed=False)
    merge = {"op": "merge", "entity": "Vendor", "id": gone, "into": kept, "silent": True}
    stage.sandbox.mischief.hooks.append(PageHook(stage.realms[business], 2, merge, "Vendor"))
    await stage.sync(business, Kind.FULL)
    assert not stage.sandbox.mischief.hooks
    assert await wrong(stage, business) == []


async def test_deletions_that_a_cut_answer_left_out_are_found_by_whoever_takes_over(
    db: Database, keyring: Keyring, clock: FrozenClock, business: UUID
) -> None:
    """The changes are stored, then the sync fails before it counted: the watermark must not have passed them."""
    company = bulk_bills(1100, clock.now().date(), open_share=1.0)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, company.realm)
        await stage.sync(business, Kind.FULL)
        clock.advance(timedelta(minutes=10))
        first, last, *others = list(company.tables[Entity.BILL])
        act(stage, business, op="delete", entity="Bill", id=first)
        clock.advance(timedelta(seconds=1))
        for bill in others:
            act(stage, business, op="raw", entity="Bill", id=bill)
        clock.advance(timedelta(minutes=10))
        act(stage, business, op="raw", entity="Bill", id=last)
        stage.sandbox.mischief.plans.append(Plan(Trouble.SERVER_ERROR, times=4, endpoint="batch"))
        with pytest.raises(Busy):
            await stage.sync(business, job_key="cut")
        await stage.sync(business, job_key="cut")
        assert await wrong(stage, business) == []


async def test_more_records_than_are_counted_are_kept_once_each_was_asked_for(synced: Stage, business: UUID) -> None:
    synced.line.surplus = -1
    await synced.sync(business, Kind.FULL)
    assert await wrong(synced, business) == []


async def test_a_count_that_no_reading_reaches_is_asked_for_less_and_less_often(stage: Stage, business: UUID) -> None:
    stage.line.surplus = 1
    waits = []
    for _ in range(2):
        with pytest.raises(CountsDiffer) as told:
            await stage.sync(business, Kind.FULL, job_key="odd")
        waits.append(told.value.retry_after)
        stage.clock.advance(timedelta(minutes=10))
    assert waits == [60, 600]


async def test_a_record_that_comes_without_its_id_more_than_once_is_still_met_whole(
    stage: Stage, business: UUID
) -> None:
    stage.sandbox.mischief.plans.append(Plan(Trouble.MISSING_ID, times=3, endpoint="query", entity="Deposit"))
    await stage.sync(business, Kind.FULL)
    assert not stage.sandbox.mischief.plans
    assert await wrong(stage, business) == []


async def test_answers_without_anything_in_them_do_not_empty_the_mirror(synced: Stage, business: UUID) -> None:
    synced.line.hollow = True
    for kind in (Kind.RECONCILE, Kind.FULL):
        with pytest.raises(Busy):
            await synced.sync(business, kind)
        assert await wrong(synced, business) == []


async def test_a_kind_of_any_size_is_swept(db: Database, business: UUID) -> None:
    """One statement takes 32,767 values at most."""
    lost = QuarantineRow(business_id=business, entity=Entity.BILL, qbo_id="7", reason="x", document="{}")
    async with db.tenant_session(business) as session:
        session.add(lost)
        await session.flush()
        assert await _held_but_not(session, Entity.BILL, {str(number) for number in range(100, 40_000)}) == set()
        assert (await session.execute(select(QuarantineRow))).all() == []
