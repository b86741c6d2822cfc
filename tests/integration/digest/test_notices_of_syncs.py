"""A QuickBooks that answers nobody is told before the books are too old to decide on."""

from datetime import timedelta

from sqlalchemy import update

from domains.sync_history import Kind, RunState, SyncRunRow
from orchestrators.outgoing import ReviewAlerts
from orchestrators.results.notices import AlertKind
from tests.integration.desk.company import ADA, Company
from tests.integration.digest.stage import Stage
from tests.integration.digest.test_notices_of_rights import lines_of, run


async def test_a_sync_that_is_kept_waiting_for_hours_is_told_until_it_went_through(
    company: Company, stage: Stage
) -> None:
    now = company.clock.now()
    facts = {"kind": Kind.INCREMENTAL, "actor": "runway", "state": RunState.WAITING, "phase": "asking"}
    async with company.db.tenant_session(company.business) as session:
        session.add(SyncRunRow(job_key="kept waiting", started_at=now, **facts))
    await run(company, stage, ReviewAlerts())
    assert AlertKind.SYNC_STALLED not in await lines_of(company, ADA)
    company.clock.advance(timedelta(hours=4))
    await run(company, stage, ReviewAlerts())
    assert AlertKind.SYNC_STALLED in await lines_of(company, ADA)
    async with company.db.tenant_session(company.business) as session:
        await session.execute(update(SyncRunRow).values(state=RunState.SUCCEEDED, finished_at=company.clock.now()))
    await run(company, stage, ReviewAlerts())
    assert AlertKind.SYNC_STALLED not in await lines_of(company, ADA)
