"""Two businesses with the very same QuickBooks ids: whatever one does, nothing of the other is read or changed."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from domains.mirror import Entity
from kit.clock import FrozenClock
from kit.db import Database, TenantSession, WrongTenant
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.home import HomeOrchestrator
from orchestrators.tray import HygieneTrayDataOrchestrator as Tray
from tests.integration.desk.company import MAYA, TODAY, Company, account, bill, invoice
from tests.integration.desk.conftest import DESK, DUE, caller, open_company, unit
from tests.integration.desk.test_rights import ACTS

MARKS = ("Secret Vendor", "Secret Customer", "77777", "S-145", "13131")
TABLES = (
    "audit_log",
    "chases",
    "decision_voices",
    "decisions",
    "handoffs",
    "item_states",
    "known_items",
    "outbox",
    "policies",
    "records",
    "role_grants",
    "set_asides",
    "vendor_tiers",
)


@pytest.fixture(scope="module")
async def other(db: Database) -> Company:
    """The same ids under other names and amounts, with a decision and a resolved item; to be left as it is."""
    company = await open_company(db, cash=77_777)
    await company.put(
        (Entity.VENDOR, {"Id": "56", "DisplayName": "Secret Vendor", "Active": True}),
        (Entity.CUSTOMER, {"Id": "8", "DisplayName": "Secret Customer", "Active": True}),
        (Entity.ACCOUNT, account("35", "Checking", "Bank", 77_777)),
        bill("145", 13_131, DUE, number="S-145"),
        bill("146", 13_131, None, number="S-146"),
        bill("999", 13_131, DUE, number="S-999"),
        invoice("9", 13_131, TODAY - timedelta(days=40)),
    )
    async with unit(company) as session:
        await Console(session, company.clock).hold(caller(MAYA), "B-145", None, until=DUE, source="x")
        await Tray(session, company.clock).resolve(caller(MAYA), "Bill:146:MISSING_DUE_DATE", None, source="x")
    return company


@pytest.fixture
async def twins(company: Company, other: Company) -> tuple[Company, Company]:
    await company.put(*DESK)
    return company, other


async def contents(company: Company) -> dict[str, list[str]]:
    async with unit(company) as session:
        return {
            table: sorted((await session.execute(text(f"SELECT t::text FROM {table} t"))).scalars()) for table in TABLES
        }


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_no_act_of_one_business_reads_or_changes_the_other(twins: tuple[Company, Company], act: str) -> None:
    mine, other = twins
    before = await contents(other)
    async with unit(mine) as session:
        answer = await ACTS[act][0](session, mine, caller(MAYA))
    assert not [mark for mark in MARKS if mark in repr(answer)]
    assert await contents(other) == before


async def test_syncs_of_one_business_settle_only_its_own_desk(twins: tuple[Company, Company]) -> None:
    mine, other = twins
    before = await contents(other)
    later: datetime = mine.clock.now() + timedelta(minutes=1)
    async with unit(mine) as session:
        changes = await Tray(session, mine.clock).reconcile_after_sync(later)
        decided = await Console(session, mine.clock).after_sync()
        homes = await HomeOrchestrator(session, mine.clock).get_home(caller(MAYA))
    assert not [mark for mark in MARKS if mark in repr((changes, decided, homes))]
    assert await contents(other) == before


async def test_an_orchestrator_refuses_a_session_that_serves_another_tenant_by_now(
    twins: tuple[Company, Company],
) -> None:
    mine, other = twins
    session = TenantSession(mine.db.engine, info={"business_id": mine.business})
    headline = HeadlineOrchestrator(session, mine.clock)
    session.info["business_id"] = other.business
    with pytest.raises(WrongTenant):
        await headline.load()
    await session.close()


@pytest.mark.parametrize("orchestrator", [HeadlineOrchestrator, Console, Tray, HomeOrchestrator])
def test_orchestrators_hold_nothing_that_can_change(orchestrator: type) -> None:
    made = orchestrator(
        TenantSession(info={"business_id": UUID(int=1)}), FrozenClock(datetime.fromisoformat("2026-11-23T00:00Z"))
    )
    assert not hasattr(made, "__dict__")
    with pytest.raises(AttributeError):
        made.clock = None
