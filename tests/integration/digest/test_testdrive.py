"""The test drive: reads, never writes; tells what was, or says that it cannot be told."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.views.scene import Scene
from bot.views.testdrive import draw_testdrive
from calculators.runway import Status
from domains.businesses import FICTION, list_businesses
from domains.fiction.books import NAME, TODAY
from domains.fiction.company import ensure_company
from domains.mirror import Entity
from domains.people import list_people
from domains.policy import get_policy
from kit.clock import FrozenClock
from kit.db import Database
from kit.errors import NotAllowed
from kit.money import Money
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig, variant_of
from orchestrators.digest_runs import RunKind, claim_period
from orchestrators.results.basis import Condition, Link, Unknown
from orchestrators.results.digest import Variant, VerdictKind
from orchestrators.results.headline import RunwayLine
from orchestrators.results.onboarding import ReplayWeek, TestDriveResult
from orchestrators.testdrive import TestDriveService, read_only
from tests.conftest import new_business
from tests.integration.desk.company import MAYA, MEL, Company, account, bill, purchase
from tests.integration.desk.company import TODAY as NOW
from tests.integration.desk.conftest import caller


@pytest.fixture
async def bakery(db: Database) -> None:
    await ensure_company(db)


async def drive(db: Database, clock: FrozenClock, business: UUID, person: str = MAYA) -> TestDriveResult:
    return await TestDriveService(db, clock).run(business, caller(person))


async def rows_of(db: Database, business: UUID) -> dict[str, int]:
    """How many rows every table of the tenant has."""
    async with db.tenant_session(business) as session:
        names = (
            await session.execute(
                text("SELECT table_name FROM information_schema.columns WHERE column_name = 'business_id'")
            )
        ).scalars()
        return {name: (await session.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in names}


async def tied_out(company: Company) -> None:
    """The bank balance is what its movements add up to, so that past balances are known."""
    await company.put((Entity.ACCOUNT, account("35", "Checking", "Bank", -26 * 2_500)))


async def test_a_test_drive_changes_no_row_anywhere(company: Company, bakery: None) -> None:
    await company.put(bill("145", 1_200, NOW + timedelta(days=4)))
    before = await rows_of(company.db, company.business), await rows_of(company.db, FICTION)
    await drive(company.db, company.clock, company.business)
    assert (await rows_of(company.db, company.business), await rows_of(company.db, FICTION)) == before


async def test_the_database_refuses_a_write_in_its_session(company: Company) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with read_only(company.db, company.business) as session:
            await claim_period(session, kind=RunKind.NOW, period="x", due_at=company.clock.now(), by="U1")


async def test_a_member_sees_the_made_up_books_but_not_the_own_ones(
    company: Company, other_business: UUID, bakery: None
) -> None:
    with pytest.raises(NotAllowed):
        await drive(company.db, company.clock, company.business, MEL)
    assert (await drive(company.db, company.clock, other_business, MEL)).fictional


async def test_past_cash_is_todays_less_what_moved_since(company: Company) -> None:
    await tied_out(company)
    result = await drive(company.db, company.clock, company.business)
    assert not result.fictional
    last = result.weeks[-1]
    assert last.on == NOW - timedelta(days=7)
    assert last.cash == Money(Decimal(-25 * 2_500), "USD")
    assert (last.paid, last.received) == (Money(Decimal(2_500), "USD"), Money.zero("USD"))
    assert isinstance(last.runway, RunwayLine)
    assert last.runway.window_days == 91
    assert last.status is Status.CRITICAL


def adds_up(weeks: tuple[ReplayWeek, ...]) -> bool:
    """Each week's cash is the week before's with what was received, paid and otherwise moved."""
    pairs = [(before, after) for before, after in pairwise(weeks) if isinstance(before.cash, Money)]
    return bool(pairs) and all(
        isinstance(after.cash, Money)
        and isinstance(before.cash, Money)
        and after.cash.amount - before.cash.amount == after.received.amount - after.paid.amount + after.other.amount
        for before, after in pairs
    )


async def test_the_weeks_add_up_for_whoever_reads_them(company: Company) -> None:
    draw = 1_500
    await company.put(
        (Entity.ACCOUNT, account("70", "Owner Draws", "Equity")),
        purchase("D1", draw, NOW - timedelta(days=10), account_id="70", vendor=None),
        (Entity.ACCOUNT, account("35", "Checking", "Bank", -26 * 2_500 - draw)),
    )
    weeks = (await drive(company.db, company.clock, company.business)).weeks
    assert adds_up(weeks)
    assert [week.other.amount for week in weeks if week.other] == [-draw]
    told = draw_testdrive(await drive(company.db, company.clock, company.business), Scene(company.clock.now(), "UTC"))
    assert "$2,500.00 paid out, -$1,500.00 other (owners, loans, savings)." in told.text


async def test_the_made_up_weeks_add_up_too(db: Database, business: UUID, clock: FrozenClock, bakery: None) -> None:
    assert adds_up((await drive(db, clock, business)).weeks)


async def test_a_balance_that_cannot_be_rebuilt_is_said_and_not_guessed(company: Company) -> None:
    result = await drive(company.db, company.clock, company.business)
    assert result.unexplained == ("Checking",)
    assert {week.cash for week in result.weeks} == {Condition(Unknown.MISSING_SET, "Checking")}
    assert {week.status for week in result.weeks} == {Status.UNKNOWN}


async def test_what_is_dated_later_is_not_looked_at(company: Company) -> None:
    await tied_out(company)
    before = (await drive(company.db, company.clock, company.business)).weeks
    await company.put(purchase("P999", 4_000, NOW))
    await company.put((Entity.ACCOUNT, account("35", "Checking", "Bank", -26 * 2_500 - 4_000)))
    assert (await drive(company.db, company.clock, company.business)).weeks == before


async def test_weeks_before_the_first_movement_are_not_told(db: Database, clock: FrozenClock) -> None:
    business = await of_variant(db, Variant.B)
    company = await Company(db, business, clock).open()
    weeks = (await drive(db, clock, business)).weeks
    assert len(weeks) == 13
    assert all(week.on >= NOW - timedelta(weeks=26) for week in weeks)
    assert company.business == business


async def of_variant(db: Database, wanted: Variant) -> UUID:
    while variant_of(business := await new_business(db)) is not wanted:
        continue
    return business


async def test_a_and_b_differ_in_window_and_in_the_issues_they_show(db: Database, clock: FrozenClock) -> None:
    results = {}
    for variant in Variant:
        business = await of_variant(db, variant)
        company = await Company(db, business, clock).open()
        await company.put(*(bill(str(number), 100 + 83 * number, None) for number in range(60)))
        results[variant] = await drive(db, clock, business)
    a, b = results[Variant.A], results[Variant.B]
    assert (len(a.weeks), len(b.weeks)) == (4, 13)
    assert (len(a.digest.issues), len(b.digest.issues)) == (20, 50)
    assert a.digest.issues_total == b.digest.issues_total == 60
    assert (a.digest.acts, b.digest.acts) == ((), ())
    assert a.digest.preview


async def test_without_books_the_bakery_is_shown_as_made_up(
    db: Database, business: UUID, clock: FrozenClock, bakery: None
) -> None:
    result = await drive(db, clock, business)
    assert result.fictional
    assert result.digest.business_name == NAME
    assert result.digest.health.today == TODAY
    assert result.digest.health.link is Link.CONNECTED
    assert result.digest.verdict.kind is not VerdictKind.UNKNOWN
    assert result.digest.decisions
    assert result.digest.issues
    assert result.digest.chase
    assert all(isinstance(week.cash, Money) for week in result.weeks)
    assert result.unexplained == ()


async def test_everybody_without_books_sees_the_same_bakery(db: Database, clock: FrozenClock, bakery: None) -> None:
    first, second = await of_variant(db, Variant.A), await of_variant(db, Variant.A)
    one, two = await drive(db, clock, first), await drive(db, clock, second)
    assert one == two
    clock.advance(timedelta(days=90))
    assert await drive(db, clock, first) == one


async def test_the_bakery_is_nobodys_and_written_once(db: Database, bakery: None) -> None:
    assert not await ensure_company(db)
    async with db.system_session() as session:
        assert FICTION not in {one.id for one in await list_businesses(session)}
    async with db.tenant_session(FICTION) as session:
        assert await list_people(session) == []
        assert not (await get_policy(session)).policy.digest.enabled
    with pytest.raises(IntegrityError):
        async with db.system_session() as session:
            await session.execute(
                text("INSERT INTO businesses (business_id, name) VALUES (:id, 'another')"), {"id": FICTION}
            )


async def test_the_onboarding_preview_shows_thirty_issues_with_buttons_and_no_history(company: Company) -> None:
    await company.put(*(bill(str(number), 100 + 83 * number, None) for number in range(40)))
    async with company.db.tenant_session(company.business) as session:
        result = await DigestDataOrchestrator(session, company.clock).get_digest_data(DigestConfig.for_onboarding())
    assert (len(result.issues), result.issues_total) == (30, 40)
    assert (bool(result.acts), result.trend) == (True, ())
