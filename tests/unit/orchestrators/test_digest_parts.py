"""Verdict, silence, callers, window: the judgements of a digest, one by one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from calculators.runway import Status
from domains.decisions import Phase
from domains.freshness import Freshness, Group, GroupFreshness
from domains.issues.catalogue import IssueCode, RecordKind
from domains.people import Person, Role
from kit.money import Money
from orchestrators import digest_parts as parts
from orchestrators.digest_config import DigestConfig, TimeWindow
from orchestrators.references import ref_of
from orchestrators.results.basis import Condition, Health, Link, Unknown
from orchestrators.results.console import InvoiceCard
from orchestrators.results.digest import DecidedLine, Move, MoveKind, Period, Variance, Verdict, VerdictKind
from orchestrators.results.forecast import Outlook, Point
from orchestrators.results.headline import LowWater
from tests.unit.views.samples.desk import headline

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
TODAY = NOW.date()
LOW_DAY = date(2026, 12, 30)
NO_OUTLOOK = Condition(Unknown.NEVER_SYNCED)


def usd(amount: int) -> Money:
    return Money(Decimal(amount), "USD")


def low(balance: int, *, floor: date | None = None, zero: date | None = None) -> LowWater:
    return LowWater(usd(balance), LOW_DAY, floor, zero, usd(10_000))


def judge(status: Status, water: LowWater | Condition, outlook: Outlook | Condition = NO_OUTLOOK) -> Verdict:
    return parts.judge(headline(status=status, low_water=water), outlook)


@pytest.mark.parametrize(
    ("status", "water", "kind", "on", "amount"),
    [
        (Status.STRONG, low(12_000), VerdictKind.COVERED, LOW_DAY, usd(2_000)),
        (Status.WARNING, low(12_000), VerdictKind.THIN, LOW_DAY, usd(2_000)),
        (Status.STRONG, low(4_000, floor=date(2026, 12, 1)), VerdictKind.BELOW_FLOOR, date(2026, 12, 1), usd(6_000)),
        (
            Status.CRITICAL,
            low(-500, floor=date(2026, 12, 1), zero=date(2026, 12, 9)),
            VerdictKind.BELOW_ZERO,
            date(2026, 12, 9),
            usd(-500),
        ),
    ],
)
def test_the_projection_speaks_before_the_status(
    status: Status, water: LowWater, kind: VerdictKind, on: date, amount: Money
) -> None:
    assert judge(status, water) == Verdict(kind, status, on, amount, None)


def test_a_shop_without_invoices_is_told_what_its_usual_pace_would_leave() -> None:
    water = low(-500, floor=date(2026, 12, 1), zero=date(2026, 12, 9))
    points = tuple(Point(TODAY, usd(1), usd(amount), usd(0), usd(0)) for amount in (9_000, 7_000, 8_000))
    verdict = judge(Status.HEALTHY, water, Outlook(points, (), water, ()))
    assert (verdict.kind, verdict.expected_low) == (VerdictKind.BELOW_ZERO, usd(7_000))


def test_an_unknown_projection_is_no_verdict() -> None:
    why = Condition(Unknown.MISSING_RATE, "EUR")
    assert judge(Status.STRONG, why) == Verdict(VerdictKind.UNKNOWN, Status.STRONG, None, None, why)


def test_nothing_is_okay_while_nobody_knows_what_is_spent() -> None:
    why = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=0, days_needed=28)
    unknown = headline(status=Status.UNKNOWN, low_water=low(12_000), runway=why)
    assert parts.judge(unknown, NO_OUTLOOK) == Verdict(VerdictKind.UNKNOWN, Status.UNKNOWN, None, None, why)
    breaking = replace(unknown, low_water=low(-500, zero=date(2026, 12, 9)))
    assert parts.judge(breaking, NO_OUTLOOK).kind is VerdictKind.BELOW_ZERO


COVERED = judge(Status.STRONG, low(12_000))


def variance(*moves: Move) -> Variance:
    return Variance(Period(2026, 47), date(2026, 11, 16), Decimal(0), usd(0), None, None, moves)


@pytest.mark.parametrize(
    ("moves", "quiet"),
    [
        ((), True),
        ((Move(MoveKind.PACE, None, Decimal("0.9")),), True),
        ((Move(MoveKind.PACE, None, Decimal("-1.0")),), False),
        ((Move(MoveKind.RECEIPTS, usd(1), Decimal("0.0"), 1),), False),
        ((Move(MoveKind.NEW_BILLS, usd(-1), None, 1),), False),
    ],
)
def test_a_week_in_which_nothing_happened_is_one_line(moves: tuple[Move, ...], quiet: bool) -> None:  # noqa: FBT001
    assert parts.is_quiet(COVERED, variance(*moves), (), same_queue=True) is quiet


def test_news_of_any_kind_ends_the_silence() -> None:
    assert not parts.is_quiet(COVERED, variance(), (decided(NOW),), same_queue=True)
    assert not parts.is_quiet(COVERED, variance(), (), same_queue=False)
    assert not parts.is_quiet(COVERED, None, (), same_queue=True)


def test_falling_cash_is_never_quiet() -> None:
    breach = judge(Status.STRONG, low(4_000, floor=date(2026, 12, 1)))
    assert not parts.is_quiet(breach, variance(), (), same_queue=True)


def decided(at: datetime) -> DecidedLine:
    return DecidedLine(ref_of(RecordKind.BILL, "1"), "Northshore", usd(9), Phase.APPROVED, "U1", at, None, None)


def health(*, age: timedelta = timedelta(0), link: Link = Link.CONNECTED) -> Health:
    lines = tuple(GroupFreshness(group, Freshness.FRESH, NOW - age) for group in Group)
    return Health(link, lines, False, False, "USD", "UTC", TODAY, NOW)


def test_books_older_than_a_day_are_stale_and_unread_ones_are_not_told() -> None:
    assert not parts.is_stale(health(age=timedelta(hours=24)))
    assert parts.is_stale(health(age=timedelta(hours=25)))
    unread = replace(health(), freshness=(GroupFreshness(Group.BILLS, Freshness.NEVER, None),))
    assert parts.never_synced(unread)
    assert parts.never_synced(health(link=Link.NEVER))
    assert not parts.never_synced(health(link=Link.DISCONNECTED))


def test_decisions_outside_the_window_are_not_told() -> None:
    config = replace(DigestConfig.weekly(), time_window=TimeWindow.custom(TODAY - timedelta(days=3), TODAY))
    lines = (decided(NOW - timedelta(days=4)), decided(NOW - timedelta(days=3)))
    assert parts.in_window(config, lines, health()) == lines[1:]


def card(
    *, days: int, collect: bool = False, chased_by: str | None = None, also: tuple[IssueCode, ...] = ()
) -> InvoiceCard:
    return InvoiceCard(
        record=ref_of(RecordKind.INVOICE, "9"),
        version="v",
        customer="Cool Cars",
        doc_number=None,
        balance=usd(100),
        home_balance=usd(100),
        due=None,
        days_past_due=days,
        usual_days_late=None,
        collect=collect,
        email=None,
        priority=None,
        chased_by=chased_by,
        chased_at=None,
        acts=(),
        also=also,
    )


def person(name: str, *roles: Role, refused_as: str | None = None) -> Person:
    return Person(name, name, "UTC", refused_as, None, NOW, frozenset(roles))


def test_whoever_called_last_calls_again_else_an_advisor_else_an_owner() -> None:
    everybody = [person("UOWN", Role.OWNER), person("UADV", Role.ADVISOR)]
    late = card(days=3)
    assert parts.assign_calls([card(days=3, chased_by="UX")], everybody)[0].who == "UX"
    assert parts.assign_calls([late], everybody)[0].who == "UADV"
    assert parts.assign_calls([late], everybody[:1])[0].who == "UOWN"
    assert parts.assign_calls([late], [person("UADV", Role.ADVISOR, refused_as="guest")])[0].who is None


def test_an_invoice_that_is_not_late_needs_no_call() -> None:
    assert parts.to_chase([card(days=0)]) == []
    assert len(parts.to_chase([card(days=0, collect=True)])) == 1


def test_what_was_perhaps_paid_long_ago_is_chased_after_what_surely_was_not() -> None:
    old = card(days=400, also=(IssueCode.NEVER_SENT, IssueCode.STALE_OPEN))
    large, small = card(days=90), card(days=3, also=(IssueCode.NEVER_SENT,))
    assert parts.to_chase([old, large, small]) == [large, small, old]
