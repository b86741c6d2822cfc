"""Bank accounts whose money is spoken for: asked about by name, chosen by people, left out of every figure."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from bot.replies import FieldErrors, Origin
from bot.views.home import draw_home
from bot.views.scene import Scene
from domains.audit import list_entries
from domains.mirror import Entity
from domains.policy import get_policy
from kit.db import Database
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.home import HomeOrchestrator
from orchestrators.results.forecast import Outlook
from orchestrators.results.headline import CashLine
from orchestrators.results.home import TaskKind
from tests.integration.bot.hand import Hand, initial, message_of, modal_of
from tests.integration.desk.company import ADA, AVA, MAYA, TODAY, Company, account
from tests.integration.desk.conftest import caller, unit


@pytest.fixture
async def saver(company: Company) -> Company:
    """9,000 of 54,000 stand in an account called Tax Savings; 1,500 of them were moved there ten days ago."""
    moved: dict[str, Any] = {
        "Id": "T1",
        "TxnDate": TODAY - timedelta(days=10),
        "Amount": 1_500,
        "FromAccountRef": {"value": "35"},
        "ToAccountRef": {"value": "36"},
    }
    await company.put((Entity.ACCOUNT, account("36", "Tax Savings", "Bank", 9_000)), (Entity.TRANSFER, moved))
    return company


async def cash(company: Company) -> CashLine:
    async with unit(company) as session:
        line = (await HeadlineOrchestrator(session, company.clock).get_headline(caller(MAYA))).cash
    assert isinstance(line, CashLine)
    return line


async def start_of_forecast(company: Company) -> Decimal:
    async with unit(company) as session:
        outlook = (await ForecastOrchestrator(session, company.clock).get_forecast(caller(MAYA))).outlook
    assert isinstance(outlook, Outlook)
    return outlook.points[0].committed.amount


async def asked(company: Company, person: str) -> list[str | None]:
    async with unit(company) as session:
        home = await HomeOrchestrator(session, company.clock).get_home(caller(person))
    return [task.party for task in home.tasks if task.kind is TaskKind.CASH_ACCOUNTS]


async def choose(company: Company, person: str = MAYA, **ticked: tuple[str, ...]) -> object:
    hand = Hand(company, person)
    form = modal_of(await hand.presses(message_of(await hand.types("settings")), "Bank accounts"))
    return await hand.sends(form, **ticked)


async def test_an_account_whose_name_says_so_is_asked_about_until_somebody_chose(saver: Company) -> None:
    assert await asked(saver, MAYA) == await asked(saver, ADA) == ["Tax Savings"]
    assert await asked(saver, AVA) == []
    await choose(saver, accounts=())
    assert await asked(saver, MAYA) == []


async def test_home_leads_to_the_question_and_the_likely_answer_is_ticked(saver: Company) -> None:
    async with unit(saver) as session:
        home = draw_home(
            await HomeOrchestrator(session, saver.clock).get_home(caller(MAYA)), Scene(saver.clock.now(), "UTC")
        )
    form = modal_of(await Hand(saver, MAYA).presses(home, "Choose accounts", Origin.HOME))
    assert initial(form) == {"accounts": ("36",)}


async def test_what_is_set_apart_leaves_every_figure_and_comes_back(saver: Company) -> None:
    assert (await cash(saver)).cash_book.amount == 54_000
    before = await start_of_forecast(saver)
    saved = message_of(await choose(saver, accounts=("36",)))  # type: ignore[arg-type]
    assert saved.text.startswith("Saved. Tax Savings counted as cash before, and not now.")
    assert "Bank accounts not counted: Tax Savings." in saved.text
    apart = await cash(saver)
    assert apart.cash_book.amount == apart.available.amount == 45_000
    assert apart.restricted.amount == 9_000
    assert await start_of_forecast(saver) == before - 9_000
    back = message_of(await choose(saver, accounts=()))  # type: ignore[arg-type]
    assert back.text.startswith("Saved. Tax Savings did not count before, and is cash now.")
    assert (await cash(saver)).cash_book.amount == 54_000
    assert await start_of_forecast(saver) == before


async def test_moving_money_aside_is_no_spending(saver: Company) -> None:
    async with unit(saver) as session:
        before = (await HeadlineOrchestrator(session, saver.clock).get_headline(caller(MAYA))).runway
    await choose(saver, accounts=("36",))
    async with unit(saver) as session:
        after = (await HeadlineOrchestrator(session, saver.clock).get_headline(caller(MAYA))).runway
    assert before.gross_burn == after.gross_burn  # type: ignore[union-attr]


async def test_the_last_account_stays_and_says_so_under_the_field(saver: Company) -> None:
    assert await choose(saver, accounts=("35", "36")) == FieldErrors(
        {"accounts": "At least one account must count as cash."}
    )
    assert isinstance(await choose(saver, accounts=("60",)), FieldErrors)
    assert (await cash(saver)).cash_book.amount == 54_000


async def test_an_account_closed_since_stays_apart_and_stands_in_nobodys_way(saver: Company) -> None:
    await choose(saver, accounts=("36",))
    closed = account("36", "Tax Savings", "Bank", 0) | {"Active": False}
    await saver.put((Entity.ACCOUNT, closed), (Entity.ACCOUNT, account("37", "Payroll", "Bank", 2_000)))
    saved = message_of(await choose(saver, accounts=("37",)))  # type: ignore[arg-type]
    assert saved.text.startswith("Saved. Payroll counted as cash before, and not now.")
    async with unit(saver) as session:
        assert (await get_policy(session)).policy.restricted_accounts == ("36", "37")


async def test_the_choice_is_on_record_and_one_business_chooses_for_itself(
    saver: Company, db: Database, other_business: UUID
) -> None:
    other_company = await Company(db, other_business, saver.clock).open()
    await other_company.put((Entity.ACCOUNT, account("36", "Tax Savings", "Bank", 9_000)))
    await choose(saver, accounts=("36",))
    async with unit(saver) as session:
        (entry,) = await list_entries(session, object_type="policy")
    assert (entry.actor, entry.before, entry.after) == (
        MAYA,
        {"restricted_accounts": None},
        {"restricted_accounts": ["36"]},
    )
    assert (await cash(other_company)).cash_book.amount == 54_000
