"""What a card promises as days go by: a proposal keeps its day, an old card decides nothing, a new one does."""

from datetime import timedelta

from sqlalchemy import text

from domains.decisions import Phase
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.results.console import Choice, OutcomeKind
from tests.integration.desk.company import AVA, MAYA, OMAR, TODAY, Company, bill
from tests.integration.desk.conftest import caller, unit
from tests.integration.desk.test_decisions import DUE, approve, card

LATER = TODAY + timedelta(days=10)


async def propose(company: Company, **wish: object) -> None:
    async with unit(company) as session:
        await Console(session, company.clock).propose(caller(AVA), "B-145", None, source="x", **wish)  # type: ignore[arg-type]


async def test_the_card_of_a_proposal_offers_the_day_that_was_proposed(company: Company) -> None:
    await company.put(bill("145", 1_200, DUE))
    await propose(company, pay_on=LATER)
    drawn = await card(company, MAYA)
    assert drawn.pay_on == drawn.state.pay_on == LATER
    assert [one.on for one in drawn.effects if one.choice is Choice.BEST_DATE] == [LATER]  # type: ignore[union-attr]
    outcome = await approve(company, MAYA, drawn.version)
    assert outcome.kind is OutcomeKind.DECIDED
    assert outcome.card.state.pay_on == LATER  # type: ignore[union-attr]


async def test_a_proposal_whose_day_went_by_can_still_be_approved_for_another(company: Company) -> None:
    await company.put(bill("145", 1_200, DUE))
    await propose(company, pay_on=TODAY)
    old = await card(company, MAYA)
    company.clock.advance(timedelta(days=1))
    await company.read()
    assert (await approve(company, MAYA, old.version)).kind is OutcomeKind.OUTDATED
    fresh = await card(company, MAYA)
    assert fresh.pay_on > TODAY
    assert (await approve(company, MAYA, fresh.version)).card.state.pay_on == fresh.pay_on  # type: ignore[union-attr]


async def test_a_card_of_four_days_ago_decides_nothing_and_all_its_copies_are_drawn_again(company: Company) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=20)))
    old = await card(company, MAYA)
    company.clock.advance(timedelta(days=4))
    await company.read()
    await company.put(bill("145", 1_200, TODAY + timedelta(days=20)))
    outcome = await approve(company, OMAR, old.version)
    assert outcome.kind is OutcomeKind.OUTDATED
    assert [change.field for change in outcome.changes] == ["drawn"]
    async with unit(company) as session:
        drawn = (await session.execute(text("SELECT payload->>'subject' FROM outbox WHERE kind = 'Redraw'"))).scalars()
        assert "B-145" in set(drawn)
    again = await approve(company, OMAR, outcome.card.version)
    assert (again.kind, again.card.state.phase) == (OutcomeKind.DECIDED, Phase.APPROVED)  # type: ignore[union-attr]
