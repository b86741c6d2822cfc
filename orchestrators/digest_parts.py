"""The sentences of a digest as values: verdict, who should call, what is left of a week in which nothing happened."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from calculators.runway import Status
from domains.freshness import DOCUMENTS, Freshness
from domains.issues.catalogue import IssueCode
from domains.people import Person, Role
from kit.money import Money
from orchestrators.digest_config import DigestConfig
from orchestrators.digest_figures import WeekFigures
from orchestrators.results.basis import Condition, Health, Link
from orchestrators.results.console import BillCard, InvoiceCard
from orchestrators.results.digest import (
    Chase,
    DecidedLine,
    Move,
    MoveKind,
    Period,
    TrendPoint,
    Variance,
    Verdict,
    VerdictKind,
)
from orchestrators.results.forecast import Outlook, WhyResult
from orchestrators.results.headline import CashLine, HeadlineResult, LowWater

WORRYING = frozenset({Status.CRITICAL, Status.WARNING})
LOUD = frozenset({VerdictKind.BELOW_ZERO, VerdictKind.BELOW_FLOOR})


def judge(headline: HeadlineResult, outlook: Outlook | Condition) -> Verdict:
    """Are we okay: the projection speaks first, the status second. Nothing is okay while the spending is unknown."""
    status, low = headline.status, headline.low_water
    if isinstance(low, Condition):
        return Verdict(VerdictKind.UNKNOWN, status, None, None, low)
    kind, on, amount = _weigh(status, low)
    if isinstance(headline.runway, Condition) and kind not in LOUD:
        return Verdict(VerdictKind.UNKNOWN, status, None, None, headline.runway)
    expected = min((point.expected for point in outlook.points), default=None) if isinstance(outlook, Outlook) else None
    return Verdict(kind, status, on, amount, None, expected)


def _weigh(status: Status, low: LowWater) -> tuple[VerdictKind, date, Money]:
    if low.first_below_zero is not None:
        return VerdictKind.BELOW_ZERO, low.first_below_zero, low.balance
    if low.first_below_floor is not None:
        return VerdictKind.BELOW_FLOOR, low.first_below_floor, low.floor - low.balance
    kind = VerdictKind.THIN if status in WORRYING else VerdictKind.COVERED
    return kind, low.on, low.balance - low.floor


def is_stale(health: Health) -> bool:
    """Beyond the hard limit of the documents: balances alone age faster than a weekly post can promise."""
    return health.as_of is not None and health.now - health.as_of > DOCUMENTS.hard


def never_synced(health: Health) -> bool:
    """There is nothing to tell: not even old figures."""
    return health.link is Link.NEVER or health.worst is Freshness.NEVER


def above(cards: Iterable[BillCard | InvoiceCard], threshold: Decimal) -> tuple[BillCard, ...]:
    """The bills worth a decision first; a bill without a priority is listed, its reason stands on the card."""
    bills = (card for card in cards if isinstance(card, BillCard))
    return tuple(card for card in bills if card.priority is None or card.priority.score >= threshold)


def to_chase(cards: Iterable[BillCard | InvoiceCard]) -> list[InvoiceCard]:
    """Late invoices in the console's order, but that those which were perhaps paid long ago come last."""
    late = (card for card in cards if isinstance(card, InvoiceCard) and (card.collect or card.days_past_due > 0))
    return sorted(late, key=lambda card: IssueCode.STALE_OPEN in card.also)


def assign_calls(cards: Iterable[InvoiceCard], people: Sequence[Person]) -> tuple[Chase, ...]:
    """Each with who should call: whoever called last, else an advisor, else an owner."""
    able = [one for one in people if one.refused_as is None]
    callers = [one.slack_user for role in (Role.ADVISOR, Role.OWNER) for one in able if role in one.roles]
    return tuple(Chase(card, card.chased_by or next(iter(callers), None)) for card in cards)


def in_window(config: DigestConfig, lines: Iterable[DecidedLine], health: Health) -> tuple[DecidedLine, ...]:
    today = health.today
    return tuple(line for line in lines if line.at and config.time_window.holds(line.at.date(), today))


def trend_of(config: DigestConfig, now: WeekFigures | None) -> tuple[TrendPoint, ...]:
    """The weeks of the window and this one; a single point is no history."""
    if now is None or not config.show_historical_trends:
        return ()
    kept = tuple(point for point in now.trend if config.time_window.holds(point.on, now.on))
    return (*kept, now.point) if kept else ()


def figures_of(
    seen: HeadlineResult, open_bills: WhyResult, moved_today: frozenset[str], shown: frozenset[str]
) -> WeekFigures | None:
    """None while cash is unknown: a week without figures is not compared with."""
    cash, runway, low = seen.cash, seen.runway, seen.low_water
    if not isinstance(cash, CashLine):
        return None
    known = None if isinstance(runway, Condition) else runway
    return WeekFigures(
        period=Period.of(seen.health.today),
        on=seen.health.today,
        currency=seen.health.currency,
        cash_book=cash.cash_book.amount,
        set_aside=cash.set_aside.amount,
        approved=cash.approved.amount,
        runway=known.without_receipts if known else None,
        burned=known.gross_burn.amount * known.window_days if known else None,
        burn_days=known.window_days if known else None,
        low_water=None if isinstance(low, Condition) else low.balance.amount,
        data_quality=seen.data_quality,
        open_bills=tuple((row.record.ref, row.amount.amount) for row in open_bills.rows if row.record and row.amount),
        moved_today=moved_today,
        shown=shown,
    )


def is_quiet(
    verdict: Verdict, variance: Variance | Condition | None, decided: Sequence[DecidedLine], *, same_queue: bool
) -> bool:
    """Nothing moved, nothing was decided, the queue is last week's: one line will do. Never when cash runs short."""
    if not isinstance(variance, Variance) or verdict.kind in LOUD:
        return False
    return not (any(map(_is_news, variance.moves)) or decided) and same_queue


def _is_news(move: Move) -> bool:
    """The window of the burn moves every day; less than a day of runway is no story."""
    return move.kind is not MoveKind.PACE or abs(move.days or Decimal(0)) >= 1


def since(health: Health, last: WeekFigures | None) -> datetime:
    """Decisions are told from the last digest on; the first one tells of a week."""
    days = (health.today - last.on).days if last else 7
    return health.now - timedelta(days=max(days, 1))
