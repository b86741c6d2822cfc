"""Books in several currencies: converted where the books hold a rate, named where they do not, never added up wrong."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.mirror import Entity
from kit.errors import NotAllowed
from kit.money import Money
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.paylist import PaylistOrchestrator
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import BillCard, OutcomeKind
from orchestrators.results.headline import CashLine
from orchestrators.tray import HygieneTrayDataOrchestrator as Tray
from tests.integration.desk.company import AVA, MAYA, OMAR, TODAY, Company, account, bill
from tests.integration.desk.conftest import caller, unit
from tests.integration.desk.test_decisions import delegate

DUE = TODAY + timedelta(days=4)


def in_euros(document: tuple[Entity, dict[str, Any]], rate: float | None) -> tuple[Entity, dict[str, Any]]:
    entity, body = document
    foreign = {**body, "CurrencyRef": {"value": "EUR"}}
    return entity, foreign if rate is None else {**foreign, "ExchangeRate": rate}


async def card(company: Company) -> BillCard:
    async with unit(company) as session:
        found = await Console(session, company.clock).get_card(caller(MAYA), "B-145")
    assert isinstance(found, BillCard)
    return found


async def test_a_bill_with_a_rate_is_shown_in_both_and_counted_at_home(company: Company) -> None:
    await company.put(in_euros(bill("145", 1_000, DUE), 1.1))
    shown = await card(company)
    assert shown.balance == Money(Decimal(1_000), "EUR")
    assert shown.home_balance == Money(Decimal(1_100), "USD")
    async with unit(company) as session:
        await Console(session, company.clock).approve(caller(MAYA), "B-145", shown.version, source="x")
    async with unit(company) as session:
        headline = await HeadlineOrchestrator(session, company.clock).get_headline(caller(MAYA))
        paylist = await PaylistOrchestrator(session, company.clock).get_paylist(caller(MAYA))
    assert isinstance(headline.cash, CashLine)
    assert headline.cash.available == Money(Decimal(45_000 - 1_100), "USD")
    assert paylist.totals == (Money(Decimal(1_000), "EUR"),)
    assert paylist.home_total == Money(Decimal(1_100), "USD")


async def test_limits_are_judged_in_the_home_currency(company: Company) -> None:
    await company.put(in_euros(bill("145", 9_500, DUE), 1.1))
    async with unit(company) as session:
        outcome = await Console(session, company.clock).approve(caller(MAYA), "B-145", None, source="x")
    assert outcome.kind is OutcomeKind.WAITING, "10,450 at home is above the limit of 10,000"


async def test_a_bill_without_a_rate_makes_what_depends_on_it_unknown_by_name(company: Company) -> None:
    await company.put(in_euros(bill("145", 1_000, DUE), None), bill("146", 500, None))
    async with unit(company) as session:
        headline = await HeadlineOrchestrator(session, company.clock).get_headline(caller(MAYA))
        tray = await Tray(session, company.clock).get_hygiene_data(caller(MAYA))
    missing = Condition(Unknown.MISSING_RATE, "EUR")
    assert headline.low_water == missing
    assert headline.data_quality is None
    assert isinstance(headline.cash, CashLine), "the cash is known all the same"
    assert {item.key for item in tray.items} == {"Bill:146:MISSING_DUE_DATE"}
    shown = await card(company)
    assert shown.home_balance == shown.effects == missing
    assert shown.breach, "an unknown projection asks for the owner's reason"


async def test_a_delegate_is_told_that_the_effect_on_cash_is_not_known(company: Company) -> None:
    await company.put(bill("145", 10, DUE), in_euros(bill("146", 1_000, DUE), None))
    await delegate(company, 2_000)
    async with unit(company) as session:
        with pytest.raises(NotAllowed, match="What this does to the cash ahead is not known"):
            await Console(session, company.clock).approve(caller(AVA), "B-145", None, source="x")


async def test_what_has_no_rate_needs_two_people_and_a_reason(company: Company) -> None:
    await company.put(in_euros(bill("145", 10, DUE), None))

    async def approve(person: str, reason: str | None) -> OutcomeKind:
        async with unit(company) as session:
            console = Console(session, company.clock)
            return (await console.approve(caller(person), "B-145", None, source="x", reason=reason)).kind

    assert await approve(MAYA, None) is OutcomeKind.NEEDS_REASON
    assert await approve(MAYA, "Paid from the euro account") is OutcomeKind.WAITING
    assert await approve(OMAR, None) is OutcomeKind.DECIDED
    async with unit(company) as session:
        paylist = await PaylistOrchestrator(session, company.clock).get_paylist(caller(MAYA))
    assert paylist.home_total == Condition(Unknown.MISSING_RATE, "EUR")


@pytest.mark.parametrize("rate", [None, 1.2])
async def test_a_foreign_bank_account_counts_at_its_rate_or_makes_the_cash_unknown(
    company: Company, rate: float | None
) -> None:
    euros = {**account("36", "Euro account", "Bank", 1_000), "CurrencyRef": {"value": "EUR"}}
    await company.put((Entity.ACCOUNT, euros))
    if rate is not None:
        await company.put(in_euros(bill("1", 5, DUE), rate))
    async with unit(company) as session:
        headline = await HeadlineOrchestrator(session, company.clock).get_headline(caller(MAYA))
    if rate is None:
        assert headline.cash == Condition(Unknown.MISSING_RATE, "EUR")
    else:
        assert isinstance(headline.cash, CashLine)
        assert headline.cash.cash_book == Money(Decimal(46_200), "USD")


async def test_a_document_that_names_no_currency_is_in_the_home_one(company: Company) -> None:
    entity, body = bill("145", 1_000, DUE)
    await company.put((entity, {key: value for key, value in body.items() if key != "CurrencyRef"}))
    shown = await card(company)
    assert shown.balance == shown.home_balance == Money(Decimal(1_000), "USD")
