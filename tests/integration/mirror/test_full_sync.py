"""After a first sync the mirror is the books, and it said so only when the counts agreed."""

from uuid import UUID

from sqlalchemy import select

from domains.businesses import get_business
from domains.mirror import RecordRow, TransactionLogRow
from domains.sync_history import CursorRow, Kind, RunState, SliceRow
from tests.integration.mirror.stage import Stage, differences, mirror, truth


async def test_the_mirror_equals_the_books_row_by_row(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []


async def test_a_run_tells_what_it_read_and_what_it_cost(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    run, rows = await stage.last_run(business), len(truth(stage.company(business)))
    assert run.state == RunState.SUCCEEDED
    assert run.requests == stage.requests(business)
    assert (run.done, run.expected) == (rows - 2, rows - 2)  # CompanyInfo and Preferences are not counted
    assert run.changed == rows
    assert run.reads >= run.requests


async def test_an_unchanged_company_costs_one_request(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    before = stage.requests(business)
    changed = await stage.sync(business)
    assert stage.requests(business) - before == 1
    assert changed.news == []


async def test_each_record_is_logged_once_with_its_origin(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    await stage.sync(business, Kind.FULL)
    async with stage.db.tenant_session(business) as session:
        logged = (await session.execute(select(TransactionLogRow))).scalars().all()
        stored = {(row.entity, row.qbo_id): row.digest for row in (await session.execute(select(RecordRow))).scalars()}
    assert {(row.entity, row.qbo_id): row.after for row in logged} == stored
    assert len(logged) == len(stored)
    assert {(row.action, row.source, row.actor, row.before) for row in logged} == {("created", "full", "U1", None)}


async def test_a_finished_sync_leaves_no_slices_and_a_watermark_for_every_kind(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    async with stage.db.tenant_session(business) as session:
        assert (await session.execute(select(SliceRow))).scalars().all() == []
        cursors = (await session.execute(select(CursorRow))).scalars().all()
    assert {row.last_synced for row in cursors} == {stage.clock.now()}
    assert all(row.watermark and row.watermark <= stage.clock.now() for row in cursors)


async def test_the_company_names_the_business_and_its_day(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    async with stage.db.tenant_session(business) as session:
        described = await get_business(session)
    assert (described.name, described.currency) == (stage.company(business).name, "USD")
    assert described.zone == "America/Los_Angeles"


async def test_a_business_that_was_never_read_is_read_whole_whatever_was_asked(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.INCREMENTAL)
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []
