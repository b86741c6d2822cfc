"""Each invariant finds the row that breaks it, and none in a desk that people worked at."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from domains.decisions import DecisionRow, Phase
from domains.invariants import INVARIANTS, list_breaches
from domains.mirror import Entity
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


async def test_no_phase_that_a_decision_can_stand_in_is_taken_for_a_breach(db: Database) -> None:
    company = await open_company(db)
    amounts = {
        "150": 100,
        "151": 140,
        "152": 190,
        "153": 250,
        "154": 330,
        "155": 440,
        "156": 580,
        "157": 770,
        "158": 60,
    }
    later = TODAY + timedelta(days=30)
    await company.put(*(bill(key, amount, later) for key, amount in amounts.items()))
    await approved(company, "150", "151", "152")
    await hand_off(company)
    await company.put(*paid("150", 100, 100), *paid("151", 140, 90))
    company.clock.advance(timedelta(days=45))
    await company.read()
    await approved(company, "153")
    await hand_off(company)
    await approved(company, "154", "155", "156")
    async with unit(company) as session:
        console = Console(session, company.clock)
        await console.undo(caller(MAYA), "B-155", source="x")
        await console.reject(caller(MAYA), "B-157", None, reason="not ours", source="x")
        await console.propose(caller(MAYA), "B-155", None, source="x")
        await console.hold(caller(MAYA), "B-158", None, until=TODAY + timedelta(days=60), source="x")
    await company.put(bill("156", 590, later))
    async with unit(company) as session:
        await Console(session, company.clock).after_sync()
    async with unit(company) as session:
        phases = set((await session.execute(select(DecisionRow.phase))).scalars())
    assert phases == set(Phase)
    assert await breaches(company) == set()


async def approved(company: Company, *keys: str) -> None:
    async with unit(company) as session:
        for key in keys:
            await Console(session, company.clock).approve(caller(MAYA), f"B-{key}", None, source="x")


async def hand_off(company: Company) -> None:
    async with unit(company) as session:
        await PaylistOrchestrator(session, company.clock).hand_off(caller(MAYA), None, source="x")


def paid(key: str, amount: int, payment: int) -> tuple[tuple[Entity, dict[str, object]], ...]:
    later = TODAY + timedelta(days=30)
    closed = bill(key, amount, later, balance=amount - payment, paid_by=[f"P-{key}"])
    return bill_payment(f"P-{key}", key, payment, TODAY), closed


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
