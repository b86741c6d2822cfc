"""The headline answers "are we okay" first and never invents a figure."""

from dataclasses import replace
from decimal import Decimal

from bot.views.forecast import draw_why
from bot.views.headline import draw_headline
from calculators.runway import Status
from domains.freshness import Freshness
from orchestrators.results.basis import Condition, Link, Unknown
from orchestrators.results.forecast import Figure
from tests.unit.views.reading import buttons, words
from tests.unit.views.samples import ahead
from tests.unit.views.samples.base import SCENE, benign, health, usd
from tests.unit.views.samples.desk import BREACH, CASH, COUNTS, RUNWAY, headline


def test_the_verdict_comes_first_and_says_what_it_rests_on() -> None:
    drawn = draw_headline(headline(), SCENE)
    verdict = "Healthy: cash covers 45 days even if nobody pays you, and it stays above your floor of $10,000.00."
    assert drawn.text.startswith(verdict)
    assert words(drawn).startswith(f"*{verdict}*")


def test_four_figures_stand_with_currency_and_two_decimals() -> None:
    shown = words(draw_headline(headline(), SCENE))
    assert "*Available cash*\n$45,000.00" in shown
    assert "*Runway without receipts*\n45 days" in shown
    assert "*Runway at trend*\n150 days" in shown
    assert "*Low point in 13 weeks*\n$12,300.00 on Fri 11 Dec" in shown


def test_available_cash_can_be_added_up_from_what_is_shown() -> None:
    shown = words(draw_headline(headline(), SCENE))
    assert (
        "Available = $50,000.00 in the bank − $3,000.00 set aside − $2,000.00 approved, not yet seen paid."
        " Not counted: undeposited funds $800.00."
    ) in shown


def test_a_breach_is_the_verdict_whatever_else_is_well() -> None:
    drawn = draw_headline(headline(status=Status.CRITICAL, low_water=BREACH), SCENE)
    assert drawn.text.startswith(
        "Critical: with what is in the books cash runs out on Wed 9 Dec, and is lowest on Fri 11 Dec at -$1,200.00."
    )


def test_where_nothing_is_available_it_says_why_instead_of_no_days() -> None:
    spent = replace(CASH, available=usd("-55.60"))
    none = replace(RUNWAY, without_receipts=Decimal(0))
    told = draw_headline(headline(status=Status.CRITICAL, cash=spent, runway=none), SCENE).text
    assert told.startswith("Critical: all cash in the bank is approved or set aside already. Available cash -$55.60.")
    bare = replace(spent, cash_book=usd("-55.60"))
    told = draw_headline(headline(status=Status.CRITICAL, cash=bare, runway=none), SCENE).text
    assert told.startswith("Critical: there is no cash in the bank.")


def test_a_runway_of_years_is_told_in_years_and_opened_to_the_day() -> None:
    long = headline(runway=replace(RUNWAY, at_trend=Decimal("1729.4")))
    assert "45 days without receipts, over 4 years at trend." in draw_headline(long, SCENE).text
    opened = ahead.why(benign(), Figure.RUNWAY_AT_TREND, total=None, number=Decimal("1729.4"))
    assert draw_why(opened, SCENE).text.startswith("Runway at trend: 1,729 days.")


def test_a_breach_on_the_books_alone_is_told_with_the_usual_pace_beside_it() -> None:
    def told(expected: str) -> str:
        breach = headline(status=Status.CRITICAL, low_water=BREACH, expected_low=usd(expected))
        return str(draw_headline(breach, SCENE).text)

    assert told("10000").startswith("Critical without new sales: with what is in the books cash runs out on Wed 9 Dec")
    todo = ": until those sales are in the bank, pay only what cannot wait. "
    assert f" At the usual pace of sales and bills it stays at $10,000.00 or more{todo}" in told("10000")
    assert told("9999").startswith("Critical: with what is in the books")
    assert " At the usual pace of sales and bills it falls to $9,999.00, below the floor. " in told("9999")
    assert "it falls to $9,999.00, below the floor." in draw_headline(headline(expected_low=usd("9999")), SCENE).text
    assert "usual pace" not in draw_headline(headline(expected_low=usd("10000")), SCENE).text


def test_nobody_is_called_strong_in_the_sentence_that_says_when_cash_runs_out() -> None:
    def opens(expected: str) -> str:
        strong = headline(status=Status.STRONG, low_water=BREACH, expected_low=usd(expected))
        return str(draw_headline(strong, SCENE).text).partition(":")[0]

    assert (opens("20000"), opens("1")) == ("Depends on new sales", "Watch closely")


def test_no_history_is_said_and_no_number_invented() -> None:
    short = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=12, days_needed=28)
    drawn = draw_headline(headline(status=Status.UNKNOWN, runway=short), SCENE)
    assert drawn.text.startswith("Runway is not known yet. Not enough history: 12 days of books, 28 are needed.")
    assert "days without receipts" not in drawn.text


def test_three_buttons_lead_on_and_a_fourth_connects_when_needed() -> None:
    assert buttons(draw_headline(headline(), SCENE)) == ["Open tray (9)", "Open console (16)", "See forecast"]
    unlinked = headline(health=health(link=Link.NEVER), cash=Condition(Unknown.NOT_CONNECTED))
    drawn = draw_headline(unlinked, SCENE)
    assert buttons(drawn)[0] == "Connect QuickBooks"
    assert drawn.text.startswith("QuickBooks is not connected yet: `/runway connect`.")


def test_what_is_empty_is_called_so_and_not_counted() -> None:
    told = draw_headline(headline(counts=replace(COUNTS, tray=0, tray_blocking=0, paylist=0)), SCENE).text
    assert "The tray is empty. 12 bills to decide and 4 invoices to chase. The pay list is empty." in told


def test_old_books_are_called_too_old_under_the_figures() -> None:
    drawn = draw_headline(headline(health=health(state=Freshness.STALE)), SCENE)
    assert "Books as of Thu 19 Nov at 3:42 AM. *That is too old to rely on.*" in words(drawn)
    assert "too old to rely on" in drawn.text


def test_lost_access_is_said_with_what_to_do() -> None:
    drawn = draw_headline(headline(health=health(link=Link.NEEDS_RECONNECT)), SCENE)
    assert "QuickBooks no longer lets Runway in. An admin can reconnect it: `/runway connect`." in drawn.text
