"""At most three things said unasked, each with a number and the records that people can open."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from calculators.insights import InsightKind
from calculators.projection import Projection
from calculators.variance import Cause, Moved, RunwayChange
from domains.policy import DigestSettings
from orchestrators.insights import SENTENCES, InsightOrchestrator
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.digest import InsightLine
from tests.integration.desk.company import TODAY, Company, bill, invoice
from tests.integration.digest.conftest import configure


async def insights(company: Company, moved: RunwayChange | None = None) -> tuple[InsightLine, ...]:
    async with company.db.tenant_session(company.business) as session:
        return await InsightOrchestrator(session, company.clock).list_insights(moved)


def changed(days: str) -> RunwayChange:
    part = Moved(Cause.PAYMENTS, Decimal(-9_000), Decimal(days), ("m1",))
    return RunwayChange(TODAY - timedelta(days=7), TODAY, Decimal(-9_000), Decimal(days), (part,))


async def test_quiet_books_have_nothing_to_say(company: Company) -> None:
    assert await insights(company) == ()


async def test_a_breach_names_the_payments_that_lead_to_it(company: Company) -> None:
    await configure(company, DigestSettings(), floor_cash=Decimal(36_000))
    await company.put(bill("145", 9_000, TODAY + timedelta(days=4)))
    first = (await insights(company))[0]
    assert first.kind == InsightKind.FLOOR_BREACH
    assert first.evidence[0] == "Northshore Print B-145"
    assert not any("/" in cited for cited in first.evidence)
    assert "cash falls below the floor on" in first.text
    assert ", by up to $" in first.text
    assert first.text.endswith("Largest payments until then:")
    assert "overdue" not in first.text


async def test_a_breach_that_overdue_bills_alone_make_says_so(company: Company) -> None:
    await company.put(
        bill("146", 61_000, TODAY - timedelta(days=20)),
        bill("147", 9_000, TODAY - timedelta(days=2)),
        bill("148", 500, TODAY + timedelta(days=1)),
    )
    first = (await insights(company))[0]
    assert "; it would not without $70,000.00 of overdue bills. Largest payments until then:" in first.text
    assert first.number > 0


async def test_the_depth_of_a_breach_that_new_sales_prevent_alarms_nobody(company: Company) -> None:
    await configure(company, DigestSettings(), floor_cash=Decimal(44_000))
    async with company.db.tenant_session(company.business) as session:
        desk = await InsightOrchestrator(session, company.clock).load()
        projection = desk.reckoning.projection
        assert isinstance(projection, Projection)
        selling = replace(projection, at_trend=replace(projection.at_trend, floor=Decimal(-1_000_000)))
        held = replace(desk, reckoning=replace(desk.reckoning, projection=selling))
        (told, *_) = await InsightOrchestrator(session, company.clock, held).list_insights(None)
    assert "cash falls below the floor on" in told.text
    assert "$" not in told.text


async def test_a_runway_that_moved_says_by_how_much_and_which_way(company: Company) -> None:
    shorter = (await insights(company, changed("-9.0")))[0]
    assert (shorter.kind, shorter.number) == (InsightKind.RUNWAY_MOVED, Decimal("-9.0"))
    assert "9 days shorter" in shorter.text
    assert "9 days longer" in (await insights(company, changed("9.0")))[0].text
    assert await insights(company, changed("-4.9")) == ()


async def test_old_books_one_big_debtor_and_a_burst_of_bills_are_named(company: Company) -> None:
    await company.put(invoice("9", 3_000, TODAY + timedelta(days=20)))
    await company.put(
        *(bill(f"15{number}", 100 + 57 * number, TODAY + timedelta(days=30), issued=TODAY) for number in range(3))
    )
    company.clock.advance(timedelta(days=6))
    await company.read()
    found = {line.kind: line for line in await insights(company)}
    assert found.keys() == {
        InsightKind.BOOKS_STALE,
        InsightKind.CUSTOMER_CONCENTRATION,
        InsightKind.BILL_BURST,
    }
    assert "Checking" in found[InsightKind.BOOKS_STALE].text
    assert found[InsightKind.CUSTOMER_CONCENTRATION].evidence == ("I-9",)
    assert "100 %" in found[InsightKind.CUSTOMER_CONCENTRATION].text
    assert sorted(found[InsightKind.BILL_BURST].evidence) == ["B-150", "B-151", "B-152"]


async def test_no_more_than_three_are_told_the_most_pressing_first(company: Company) -> None:
    await configure(company, DigestSettings(), floor_cash=Decimal(44_000))
    await company.put(invoice("9", 3_000, TODAY + timedelta(days=20)))
    await company.put(
        *(bill(f"15{number}", 4_000 + 57 * number, TODAY + timedelta(days=3), issued=TODAY) for number in range(3))
    )
    kinds = [line.kind for line in await insights(company, changed("-9.0"))]
    assert len([kind for kind in kinds if kind != InsightKind.RUNWAY_MOVED]) == 3
    assert kinds[0] == InsightKind.FLOOR_BREACH
    assert kinds == sorted(kinds, key=lambda kind: list(InsightKind).index(InsightKind(kind)))


async def test_three_lines_tell_of_three_things_and_count_what_is_alike(company: Company) -> None:
    await company.put(*(invoice(f"{90 + number}", 1_000, TODAY + timedelta(days=20)) for number in range(2)))
    burst = [(f"{vendor}{number}", vendor) for vendor in ("56", "57") for number in range(3)]
    await company.put(
        *(bill(id_, 100 + int(id_), TODAY + timedelta(days=30), issued=TODAY, vendor=vendor) for id_, vendor in burst)
    )
    found = [line for line in await insights(company) if line.kind == InsightKind.BILL_BURST]
    assert [line.text for line in found] == [
        "Northshore Print sent 3 bills within seven days; 1 more vendor sent as many."
    ]


async def test_unread_books_have_no_insights(company: Company) -> None:
    unread = Company(company.db, company.business, company.clock)
    async with unread.db.tenant_session(unread.business) as session:
        orchestrator = InsightOrchestrator(session, unread.clock)
        desk = await orchestrator.load()
        gap = Condition(Unknown.MISSING_RATE, "EUR")
        blind = replace(desk, reckoning=replace(desk.reckoning, projection=gap))
        assert await InsightOrchestrator(session, unread.clock, blind).list_insights(None) == ()


def test_every_kind_has_its_sentence() -> None:
    assert SENTENCES.keys() == set(InsightKind)
