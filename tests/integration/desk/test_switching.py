"""Another company's books under the same ids: nothing that was chosen about the last one's holds for them."""

from dataclasses import replace

from sqlalchemy import text

from domains.audit import lock_chain
from domains.decisions import Phase, list_live
from domains.policy import get_policy, save_policy
from domains.vendor_tiers import VendorTier, list_tiers, set_tier
from orchestrators.paylist import PaylistOrchestrator
from orchestrators.results.console import Standing
from orchestrators.switching import LEFT, leave_company
from tests.integration.desk.company import ADA, MAYA, Company, bill
from tests.integration.desk.conftest import caller, unit
from tests.integration.desk.test_decisions import DUE, approve, card


async def test_decisions_tiers_and_accounts_of_the_last_company_end_with_it(company: Company) -> None:
    await company.put(bill("145", 700, DUE, number="A"), bill("146", 900, DUE, number="B"))
    await approve(company, MAYA, None, "B-146")
    async with unit(company) as session:
        await PaylistOrchestrator(session, company.clock).hand_off(caller(MAYA), None, source="x")
    await approve(company, MAYA, None, "B-145")
    async with unit(company) as session:
        await set_tier(session, "56", VendorTier.MUST_PAY, by=MAYA, source="x", clock=company.clock)
        current = await get_policy(session)
        apart = replace(current.policy, restricted_accounts=("35",), floor_days=7)
        await save_policy(session, apart, seen=current.version, by=MAYA, source="x", clock=company.clock)
    async with unit(company) as session:
        await lock_chain(session)
        await leave_company(session, company.clock, by=ADA)
    async with unit(company) as session:
        ended = {one.bill_id: (one.phase, one.reason) for one in await session.execute(text(DECISIONS))}
        assert ended == {"145": (Phase.EXPIRED, LEFT), "146": (Phase.MISMATCH, LEFT)}
        assert await list_live(session) == []
        assert await list_tiers(session) == {}
        kept = (await get_policy(session)).policy
    assert (kept.restricted_accounts, kept.floor_days) == (None, 7)
    assert (await card(company, MAYA)).state.standing is Standing.READY


DECISIONS = "SELECT bill_id, phase, reason FROM decisions"
