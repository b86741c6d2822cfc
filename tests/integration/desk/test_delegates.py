"""Whose eyes a delegate's are, and in whose name they act: nobody approves alone through somebody else's hands."""

from decimal import Decimal

import pytest

from domains.audit import list_entries
from domains.people import Role, set_roles
from kit.errors import NotAllowed
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.paylist import PaylistOrchestrator
from orchestrators.results.console import CardAct, OutcomeKind
from orchestrators.settings import PolicyChange, SettingsOrchestrator
from tests.integration.desk.company import ADA, AVA, MAYA, OMAR, Company, bill
from tests.integration.desk.conftest import caller, unit
from tests.integration.desk.test_decisions import DUE, approve, card, delegate, set_policy


async def voices(company: Company) -> list[tuple[str, str | None]]:
    return sorted(((one.by, one.on_behalf_of) for one in (await card(company, MAYA)).state.voices), key=str)


async def test_an_owners_delegate_is_no_second_yes_beside_that_owner(company: Company) -> None:
    await delegate(company, 20_000)
    await company.put(bill("145", 12_000, DUE))
    await approve(company, MAYA, None)
    assert (await card(company, OMAR)).state.waiting_for == (OMAR,)
    assert CardAct.CONFIRM not in (await card(company, AVA)).acts
    with pytest.raises(NotAllowed, match=f"You approve for <@{MAYA}>.* <@{OMAR}> can give it. Nothing was changed."):
        await approve(company, AVA, None)
    assert (await approve(company, OMAR, None)).kind is OutcomeKind.DECIDED


@pytest.mark.parametrize("limit", [20_000, 5_000])
async def test_a_delegates_yes_is_nobody_elses_after_the_limit_was_taken_back(company: Company, limit: int) -> None:
    await delegate(company, limit)
    await company.put(bill("145", 12_000, DUE))
    await approve(company, AVA, None)
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        version = (await settings.get_settings(caller(MAYA))).version
        await settings.end_delegation(caller(MAYA), version, AVA, source="modal")
    assert (await approve(company, MAYA, None)).kind is OutcomeKind.WAITING
    assert (await card(company, MAYA)).state.waiting_for == (OMAR,)
    assert (await approve(company, OMAR, None)).kind is OutcomeKind.DECIDED


async def test_a_delegate_beside_another_owner_is_a_second_yes_in_the_name_of_who_lent_it(company: Company) -> None:
    await delegate(company, 20_000)
    await company.put(bill("145", 12_000, DUE))
    await approve(company, OMAR, None)
    outcome = await approve(company, AVA, None)
    assert outcome.kind is OutcomeKind.DECIDED
    assert await voices(company) == [(AVA, MAYA), (OMAR, None)]


async def test_with_a_single_owner_a_delegate_is_the_second_in_their_own_name(company: Company) -> None:
    await delegate(company, 20_000)
    async with unit(company) as session:
        await set_roles(session, OMAR, {Role.MEMBER}, by=MAYA)
    await company.put(bill("145", 12_000, DUE))
    await approve(company, AVA, None)
    outcome = await approve(company, MAYA, None)
    assert outcome.kind is OutcomeKind.DECIDED
    assert await voices(company) == [(AVA, None), (MAYA, None)]


async def test_a_delegate_below_the_floor_is_told_who_can_lead_on_when_every_owner_said_yes(company: Company) -> None:
    await delegate(company, 20_000)
    async with unit(company) as session:
        await set_roles(session, OMAR, {Role.MEMBER}, by=MAYA)
    await company.put(bill("145", 12_000, DUE))
    await approve(company, MAYA, None)
    await set_policy(company, PolicyChange(floor_cash=Decimal(44_000)))
    with pytest.raises(NotAllowed, match=f"<@{MAYA}> can withdraw the proposal and approve it anew. Nothing was"):
        await approve(company, AVA, None)


async def test_a_card_says_before_the_click_whose_yes_is_needed_beside_ones_own(company: Company) -> None:
    await delegate(company, 1_000)
    await company.put(bill("145", 12_000, DUE), bill("146", 900, DUE))
    waits = f"It is above your limit: your yes then waits for that of <@{MAYA}> or <@{OMAR}>."
    assert (await card(company, AVA)).why_not == waits
    assert (await card(company, MAYA)).why_not == "Above $10,000.00 it takes a second yes."
    assert (await card(company, AVA, "B-146")).why_not is None
    assert (await card(company, ADA, "B-146")).why_not == f"<@{MAYA}>, <@{OMAR}> or <@{AVA}> can approve this."


async def test_an_owner_decides_what_their_delegate_may_not_split(company: Company) -> None:
    await delegate(company, 1_000)
    await company.put(bill("1", 700, DUE, number="A"), bill("2", 650, DUE, number="B"))
    await approve(company, AVA, None, "B-1")
    assert (await approve(company, AVA, None, "B-2")).kind is OutcomeKind.WAITING
    assert (await approve(company, MAYA, None, "B-2")).kind is OutcomeKind.DECIDED


async def test_what_a_delegate_may_do_anyway_is_on_record_as_their_own_act(company: Company) -> None:
    await delegate(company, 1_000)
    await company.put(bill("145", 1_200, DUE), bill("146", 900, DUE))
    async with unit(company) as session:
        await Console(session, company.clock).propose(caller(AVA), "B-146", None, source="x")
    await approve(company, AVA, None, "B-146")
    await approve(company, AVA, None, "B-145")
    async with unit(company) as session:
        told = [(one.action, one.on_behalf_of) for one in await list_entries(session, object_type="decision")]
        handed = await PaylistOrchestrator(session, company.clock).hand_off(caller(MAYA), None, source="x")
    assert handed.csv is not None
    assert f"{AVA.title()} for {MAYA.title()}" in handed.csv
    assert told == [("decision.proposed", None), ("decision.approved", MAYA), ("decision.proposed", None)]
