"""Each invariant finds the row that breaks it, and none in a desk that people worked at."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from domains.invariants import INVARIANTS, list_breaches
from kit.db import Database, TenantSession
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.paylist import PaylistOrchestrator
from orchestrators.tray import HygieneTrayDataOrchestrator as Tray
from tests.integration.desk.company import MAYA, OMAR, TODAY, Company, bill, bill_payment
from tests.integration.desk.conftest import caller, open_company, unit

DUE = TODAY + timedelta(days=4)
KEY = "Bill:146:MISSING_DUE_DATE"


@pytest.fixture(scope="module")
async def worked(db: Database) -> Company:
    """B-145 was approved by two, handed off and paid; B-144 proposed; B-146's issue resolved, undone and mended."""
    company = await open_company(db)
    await company.put(bill("144", 40, DUE), bill("145", 12_000, DUE), bill("146", 900, None))
    for person in (MAYA, OMAR):
        async with unit(company) as session:
            await Console(session, company.clock).approve(caller(person), "B-145", None, source="x")
    async with unit(company) as session:
        await Console(session, company.clock).propose(caller(MAYA), "B-144", None, source="x")
        await PaylistOrchestrator(session, company.clock).hand_off(caller(MAYA), None, source="x")
    async with unit(company) as session:
        tray = Tray(session, company.clock)
        await tray.resolve(caller(MAYA), KEY, None, source="x")
        await tray.undo(caller(MAYA), KEY, source="x")
    await company.put(
        bill_payment("70", "145", 12_000, TODAY),
        bill("145", 12_000, DUE, balance=0, paid_by=["70"]),
        bill("146", 900, DUE),
    )
    await company.read()
    async with unit(company) as session:
        await Tray(session, company.clock).reconcile_after_sync(company.clock.now())
        await Console(session, company.clock).after_sync()
    return company


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(database_url.replace("postgresql://", "postgresql+asyncpg://", 1))
    yield engine
    await engine.dispose()


async def breaches(company: Company) -> set[str]:
    async with unit(company) as session:
        return {breach.name for breach in await list_breaches(session)}


async def test_a_desk_that_people_worked_at_keeps_every_invariant(worked: Company) -> None:
    assert await breaches(worked) == set()


DESK = [one.name for one in INVARIANTS if one.name.partition(".")[0] in ("decision", "voice", "item")]
SPOILED = {
    "decision.announced": "DELETE FROM outbox WHERE kind = 'AnnounceDecision'",
    "decision.newest": "UPDATE decisions SET record_token = -1 WHERE bill_id = '145'",
    "decision.single": "UPDATE decisions SET bill_id = '145', phase = 'held' WHERE true",
    "decision.steps": "UPDATE audit_log SET body = replace(body, '\"verified\"', '\"held\"') WHERE true",
    "decision.audited": "UPDATE decisions SET phase = 'held' WHERE bill_id = '144'",
    "decision.by_right": "UPDATE role_grants SET role = 'member' WHERE slack_user = 'UOMAR'",
    "decision.voiced": "DELETE FROM decision_voices WHERE true",
    "decision.handed_off": "UPDATE decisions SET batch_id = NULL WHERE true",
    "voice.by_right": "UPDATE role_grants SET valid_from = valid_from + interval '1 hour' WHERE slack_user = 'UOMAR'",
    "voice.two": "DELETE FROM decision_voices WHERE slack_user = 'UOMAR'",
    "item.steps": "UPDATE audit_log SET body = replace(body, '\"resolved\"', '\"reopened\"') WHERE true",
    "item.audited": "UPDATE item_states SET status = 'dismissed' WHERE true",
    "audit.intact": "UPDATE audit_log SET actor = 'UEVE' WHERE true",
}


@pytest.mark.parametrize("name", sorted(SPOILED))
async def test_each_invariant_names_the_rows_that_break_it(worked: Company, owner: AsyncEngine, name: str) -> None:
    """As the tables' owner, past every wall but the policies; nothing of it is kept."""
    async with owner.connect() as connection:
        session = TenantSession(bind=connection, info={"business_id": worked.business})
        for table in ("audit_log", "decision_voices"):
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        for table in ("audit_log", "decision_voices", "decisions", "item_states", "role_grants", "outbox"):
            await connection.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
        await connection.execute(text("DROP INDEX uq_decisions_live_bill"))
        await connection.execute(text(f"{SPOILED[name]} AND business_id = '{worked.business}'"))
        await connection.execute(text("SELECT set_config('app.business_id', :id, true)"), {"id": str(worked.business)})
        await connection.execute(text("SET LOCAL ROLE runway_tenant"))
        found = {breach.name for breach in await list_breaches(session)}
        await session.close()
        await connection.rollback()
    assert name in found


def test_every_invariant_of_the_desk_has_its_spoiler() -> None:
    assert set(SPOILED) == {*DESK, "audit.intact"}
