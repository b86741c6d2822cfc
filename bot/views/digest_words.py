"""The sentences of a digest: are we okay, what moved, who must act. Each can be said without an amount."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, assert_never

from bot.views.decision_states import decided, heard
from bot.views.escape import Mrkdwn, joined, mrkdwn, name, sentence
from bot.views.headline import down_to, falls_short, on_sales, running_out, spent_before, until_sold
from bot.views.issues import doubts, party, short
from bot.views.phrases import counted, days, money, unknown, who
from bot.views.scene import Scene
from calculators.insights import InsightKind
from domains.decisions import Phase
from domains.issues.catalogue import IssueCode
from kit.money import Money
from orchestrators.results.basis import Condition
from orchestrators.results.console import BillCard
from orchestrators.results.digest import (
    Chase,
    DecidedLine,
    DigestResult,
    InsightLine,
    Move,
    MoveKind,
    Variance,
    VerdictKind,
)
from orchestrators.results.headline import LowWater
from orchestrators.results.tray import TrayItem

HALF_A_DAY: Final = Decimal("0.5")
_UNTIL_THEN: Final = " Largest payments until then:"
# What an insight says where amounts may not be shown; a runway that moved is told by its causes.
_DISCREET: Final[dict[str, str]] = {
    InsightKind.FLOOR_BREACH: f"Cash falls short.{_UNTIL_THEN}",
    InsightKind.MUST_PAY_IN_TROUGH: "A payment must be made when cash is tight.",
    InsightKind.CUSTOMER_SLOW: "A customer is much later than usual.",
    InsightKind.CUSTOMER_CONCENTRATION: "One customer owes 40 % or more of all receivables.",
    InsightKind.BILL_BURST: "One vendor sent three bills or more within a week.",
    InsightKind.BOOKS_STALE: "A bank account has not been kept up to date.",
}


def verdict(result: DigestResult, scene: Scene) -> Mrkdwn:
    """The answer in one sentence: it opens the digest and is all that a phone shows."""
    told, on = result.verdict, _day(result.verdict.on, scene)
    match told.kind:
        case VerdictKind.COVERED:
            head = "Okay on the books" if _wears_down(result) else "We are okay"
            words = mrkdwn("{}: {}{}.", Mrkdwn(head), _cushion(result, on), _wearing(result))
        case VerdictKind.THIN:
            words = mrkdwn("Okay, but thin: {}{}{}.", _cushion(result, on), _wearing(result), _lasting(result))
        case VerdictKind.BELOW_FLOOR | VerdictKind.BELOW_ZERO:
            words = _short(result, scene)
        case VerdictKind.UNKNOWN:
            words = sentence(Mrkdwn("We can’t tell yet."), unknown(told.why) if told.why else None)
        case _:
            assert_never(told.kind)
    return words


def _short(result: DigestResult, scene: Scene) -> Mrkdwn:
    """Both views: what is in the books falls short, and whether the usual pace of sales makes up for it."""
    told, amounts = result.verdict, result.amounts
    if told.kind is VerdictKind.BELOW_ZERO:
        falls = running_out(told.on, scene) if told.on else Mrkdwn("cash runs out")
        least = mrkdwn(" (lowest {})", money(told.amount)) if told.amount and amounts else Mrkdwn("")
    else:
        falls = mrkdwn("cash falls below the floor on {}", _day(told.on, scene))
        low = result.low_water
        least = mrkdwn(" (lowest {})", money(low.balance)) if isinstance(low, LowWater) and amounts else Mrkdwn("")
    if told.expected_low is None:
        return mrkdwn("Not okay: {}{}.", falls, least)
    if not falls_short(result.low_water, told.expected_low):
        holds = mrkdwn("stays at {} or more", money(told.expected_low)) if amounts else Mrkdwn("holds")
        words = mrkdwn("{}: with what is in the books {}; at the usual pace it {}", on_sales(told.status), falls, holds)
        return mrkdwn("{}{}.", words, until_sold(told.status))
    too = mrkdwn(", and at the usual pace falls {}", down_to(told.expected_low)) if amounts else Mrkdwn("")
    return mrkdwn("Not okay: {}{}{}.", falls, least, too)


def _day(day: date | None, scene: Scene) -> Mrkdwn:
    return scene.day(day) if day else Mrkdwn("an unknown day")


def _cushion(result: DigestResult, on: Mrkdwn) -> Mrkdwn:
    """How low cash gets, and how far that is from the floor; a floor of zero is called zero."""
    low = result.low_water
    floored = not isinstance(low, Condition) and bool(low.floor)
    bound = "the floor" if floored else "zero"
    if isinstance(low, Condition) or not result.amounts:
        return mrkdwn("cash stays above {} for 13 weeks, lowest on {}", Mrkdwn(bound), on)
    above = mrkdwn(", {} above the floor", money(low.balance - low.floor)) if floored else Mrkdwn("")
    return mrkdwn("the lowest cash in 13 weeks is {} on {}{}", money(low.balance), on, above)


def _wears_down(result: DigestResult) -> bool:
    return falls_short(result.low_water, result.verdict.expected_low)


def _wearing(result: DigestResult) -> Mrkdwn:
    """The view at the usual pace, where it is the worse one: of two low points an owner is told the lower too."""
    low, expected = result.low_water, result.verdict.expected_low if result.amounts else None
    if _wears_down(result):
        return mrkdwn("; at the usual pace it falls {}", down_to(expected) if expected else "short")
    if expected is None or isinstance(low, Condition) or expected >= low.balance:
        return Mrkdwn("")
    return mrkdwn("; at the usual pace it is {}", money(expected))


def _lasting(result: DigestResult) -> Mrkdwn:
    """Why it is thin although nothing breaks."""
    if _wears_down(result) or isinstance(result.runway, Condition) or result.runway.without_receipts is None:
        return Mrkdwn("")
    if short := spent_before(result.cash):
        return mrkdwn("; {}", short)
    return mrkdwn("; without receipts cash lasts {}", days(result.runway.without_receipts))


def moved(variance: Variance | Condition | None, *, amounts: bool) -> Mrkdwn:
    """What moved the runway since the last digest, and by how much each.

    The parts add up to the whole but for a pace of less than half a day: what rounding leaves is no news of spending.
    """
    if variance is None:
        return Mrkdwn("This is the first digest; from next week on it says what moved.")
    if isinstance(variance, Condition):
        return mrkdwn("It cannot be compared with the last digest. {}", unknown(variance))
    told = [
        move for move in variance.moves if move.kind is not MoveKind.PACE or abs(move.days or Decimal(0)) >= HALF_A_DAY
    ]
    if not told:
        return Mrkdwn("Nothing moved since the last digest.")
    causes = [_cause(move, amounts=amounts) for move in told if move.kind is not MoveKind.NEW_BILLS]
    bills = [_came_in(move, amounts=amounts) for move in told if move.kind is MoveKind.NEW_BILLS]
    whole = mrkdwn("{}: {}.", _total(variance.runway_days), joined("; ", causes)) if causes else None
    return sentence(whole, *bills)


def _total(change: Decimal | None) -> Mrkdwn:
    if change is None:
        return Mrkdwn("Since the last digest")
    rounded = change.quantize(Decimal(1), ROUND_HALF_UP)
    if not rounded:
        return Mrkdwn("Runway is as long as at the last digest")
    return mrkdwn(
        "Runway is {} {} than at the last digest",
        counted(abs(int(rounded)), "day"),
        "longer" if rounded > 0 else "shorter",
    )


def _came_in(move: Move, *, amounts: bool) -> Mrkdwn:
    """Apart from what moved the runway: a bill counts there once it is approved or paid."""
    came = mrkdwn("{} came in", counted(move.count or 0, "new bill"))
    return mrkdwn("{}: {}.", came, money(abs(move.amount))) if move.amount and amounts else mrkdwn("{}.", came)


def _cause(move: Move, *, amounts: bool) -> Mrkdwn:
    words = {
        MoveKind.RECEIPTS: "money received",
        MoveKind.PAYMENTS: "payments made",
        MoveKind.OTHER: "draws, contributions, loans and transfers",
        MoveKind.APPROVALS: "bills approved",
        MoveKind.NEW_BILLS: "new bills",
        MoveKind.RESTATED: "books restated",
        MoveKind.SET_ASIDE: "money set aside or released",
        MoveKind.PACE: "slower spending" if (move.days or 0) > 0 else "faster spending",
    }[move.kind]
    amount = mrkdwn(" {}", _signed(move.amount)) if move.amount is not None and amounts else Mrkdwn("")
    share = mrkdwn(" ({} days)", Mrkdwn(f"{move.days:+.1f}")) if move.days is not None else Mrkdwn("")
    return mrkdwn("{}{}{}", Mrkdwn(words), amount, share)


def _signed(amount: Money) -> Mrkdwn:
    return mrkdwn("{}{}", Mrkdwn("+" if amount.amount > 0 else ""), money(amount))


def bill_to_decide(card: BillCard, scene: Scene, *, amounts: bool) -> Mrkdwn:
    amount = mrkdwn(" {}", money(card.balance)) if amounts else Mrkdwn("")
    state = decided(card.state, scene) if amounts else None
    due = mrkdwn("{}{}", scene.due(card.due), doubts(card.also))
    return mrkdwn("*{}*{}, {}{} · {}", name(card.vendor), amount, due, _after(state), card.record.ref)


def _after(state: Mrkdwn | None) -> Mrkdwn:
    return mrkdwn(". {}", state) if state else Mrkdwn("")


def invoice_to_chase(chase: Chase, *, amounts: bool, named: bool) -> Mrkdwn:
    """`named`: the line says who should call; left out where one person should make all the calls."""
    card = chase.card
    amount = mrkdwn(" owes {}", money(card.balance)) if amounts else Mrkdwn("")
    caller = mrkdwn(": {} should call", who(chase.who)) if chase.who and named else Mrkdwn("")
    late = mrkdwn("{} past due{}", counted(card.days_past_due, "day"), doubts(card.also))
    return mrkdwn("*{}*{}, {}{} · {}", name(card.customer), amount, late, caller, card.record.ref)


def record_to_fix(item: TrayItem, *, amounts: bool) -> Mrkdwn:
    named = mrkdwn("*{}*", party(item.facts)) if party(item.facts) else Mrkdwn(f"*{item.record.kind}*")
    amount = mrkdwn(" {}", money(item.amount)) if item.amount and amounts else Mrkdwn("")
    assigned = mrkdwn(", with {}", who(item.state.assignee)) if item.state.assignee else Mrkdwn("")
    return mrkdwn("{}{}: {}{} · {}", named, amount, Mrkdwn(short(item.code)), assigned, item.record.ref)


def problems(found: Iterable[tuple[IssueCode, int]], more: int) -> Mrkdwn:
    """As in "Also likely duplicate (3), no due date and 12 more."."""
    each = (f"{short(code)} ({number})" if number > 1 else short(code) for code, number in found)
    rest = f" and {more:,} more" if more > 0 else ""
    return Mrkdwn(f"Also {', '.join(each)}{rest}.")


_DONE: Final = {
    Phase.PROPOSED: "proposed",
    Phase.APPROVED: "approved",
    Phase.REJECTED: "rejected",
    Phase.HELD: "held",
    Phase.CANCELLED: "cancelled",
    Phase.HANDED_OFF: "approved",
    Phase.VERIFIED: "approved",
    Phase.MISMATCH: "approved, but QuickBooks does not match",
    Phase.STALE: "approved, no payment seen so far",
    Phase.EXPIRED: "no longer decided",
}
_TO_BE_PAID: Final = frozenset({Phase.PROPOSED, Phase.APPROVED, Phase.HANDED_OFF, Phase.STALE})
_BY_SOMEBODY: Final = frozenset(Phase) - {Phase.MISMATCH, Phase.STALE, Phase.EXPIRED}
_BY_YES: Final = frozenset({Phase.APPROVED, Phase.HANDED_OFF, Phase.VERIFIED})


def decision_made(line: DecidedLine, scene: Scene, *, amounts: bool) -> Mrkdwn:
    amount = mrkdwn(" {}", money(line.balance)) if amounts else Mrkdwn("")
    words = mrkdwn("{}{}{}", _DONE[line.phase], _by(line), _until(line, scene))
    return mrkdwn("*{}*{}: {} · {}", name(line.vendor), amount, words, line.record.ref)


def _until(line: DecidedLine, scene: Scene) -> Mrkdwn:
    """What is to follow, or what was seen of it."""
    handed_off = Mrkdwn(", handed off" if line.phase is Phase.HANDED_OFF else "")
    if line.seen_paid_on:
        return mrkdwn("{}, seen paid in QuickBooks on {}", handed_off, scene.day(line.seen_paid_on))
    if line.pay_on and line.phase in _TO_BE_PAID:
        tense = Mrkdwn("was to" if line.phase is Phase.STALE else "to")
        return mrkdwn("{}, {} be paid by {}", handed_off, tense, scene.day(line.pay_on))
    if line.held_until and line.phase is Phase.HELD:
        return mrkdwn(" until {}", scene.day(line.held_until))
    return handed_off


def _by(line: DecidedLine) -> Mrkdwn:
    """An approval is of all who said yes, each with the name they stood for."""
    voices = heard(line.voices) if line.phase in _BY_YES else Mrkdwn("")
    if voices or (line.by and line.phase in _BY_SOMEBODY):
        return mrkdwn(" by {}", voices or who(line.by or ""))
    return Mrkdwn("")


def insight(line: InsightLine, *, amounts: bool) -> Mrkdwn:
    """A sentence that ends with a colon is completed by its evidence, any other has it in brackets."""
    words, evidence = line.text if amounts else _DISCREET[line.kind], ", ".join(line.evidence[:3])
    if not evidence:
        return mrkdwn("{}", words.removesuffix(_UNTIL_THEN))
    if words.endswith(":"):
        return mrkdwn("{} {}.", words, evidence)
    return mrkdwn("{} ({}).", words.removesuffix("."), evidence)
