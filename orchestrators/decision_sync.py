"""Decisions held against the books after a sync: paid as decided or otherwise, changed first, not seen in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domains.audit import lock_chain
from domains.bills import Bill
from domains.deciding import Step, lock_bill, move, seen_digest
from domains.decisions import AWAITING_PAYMENT, Decision, Phase, get_decision, list_live
from domains.freshness import Group
from domains.payments import BillPayment
from kit.clock import Clock, format_date
from kit.db import TenantSession
from kit.money import Money, format_money
from kit.outbox import enqueue
from orchestrators.desk import Desk
from orchestrators.effects import announce
from orchestrators.gather import list_bills_by_id, list_payments_of
from orchestrators.jobs import NudgeDecision

STEP = Step(by="runway", source="sync")


@dataclass(frozen=True, slots=True)
class DecisionChanges:
    """Ids of the decisions that moved."""

    expired: tuple[UUID, ...] = ()
    verified: tuple[UUID, ...] = ()
    mismatched: tuple[UUID, ...] = ()
    stale: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a decision goes and why. The seen facts belong to what was paid."""

    to: Phase
    reason: str | None = None
    payment: str | None = None
    on: date | None = None
    amount: Decimal | None = None


async def settle_decisions(session: TenantSession, clock: Clock, desk: Desk) -> DecisionChanges:
    await lock_chain(session)
    live = await list_live(session)
    bills = {bill.id: bill for bill in await list_bills_by_id(session, [one.bill_id for one in live])}
    awaiting = [one.bill_id for one in live if one.phase in AWAITING_PAYMENT]
    payments = await list_payments_of(session, [bills[id_] for id_ in awaiting if id_ in bills])
    moved: list[Decision] = []
    for decision in live:
        verdict = judge(decision, bills.get(decision.bill_id), payments.get(decision.bill_id, ()), desk)
        if verdict is not None:
            settled = await _settle(session, clock, decision, verdict)
            moved += [settled] if settled else []
    return DecisionChanges(**{name: _ids(moved, phase) for name, phase in NAMES.items()})


NAMES = {
    "expired": Phase.EXPIRED,
    "verified": Phase.VERIFIED,
    "mismatched": Phase.MISMATCH,
    "stale": Phase.STALE,
}


def _ids(moved: list[Decision], phase: Phase) -> tuple[UUID, ...]:
    return tuple(one.id for one in moved if one.phase is phase)


def judge(decision: Decision, bill: Bill | None, payments: Sequence[BillPayment], desk: Desk) -> Verdict | None:
    """None: nothing to write down."""
    if decision.phase in AWAITING_PAYMENT:
        return _judge_awaiting(decision, bill, payments, desk)
    if decision.is_over(desk.today):
        return Verdict(Phase.EXPIRED, "The hold ended.")
    reason = _why_void(decision, bill, desk.today)
    return Verdict(Phase.EXPIRED, reason) if reason else None


def _why_void(decision: Decision, bill: Bill | None, today: date) -> str | None:
    """What happened in QuickBooks before anybody was asked to pay."""
    if bill is None or bill.deleted:
        return "The bill was deleted in QuickBooks."
    if bill.voided:
        return "The bill was voided in QuickBooks."
    if bill.balance == 0:
        return "The bill was paid in QuickBooks first."
    if seen_digest(bill) != decision.digest:
        return f"The bill changed in QuickBooks: {differences(decision, bill, today)}."
    return None


def differences(decision: Decision, bill: Bill, today: date) -> str:
    """Old → new, of everything that was judged."""
    judged, parts = decision.judged, []
    if bill.vendor_id != decision.vendor_id:
        parts.append(f"vendor {judged.vendor or 'none'} → {bill.vendor_name or 'none'}")
    now = Money(bill.balance, bill.currency)
    if now != judged.amount:
        parts.append(f"open balance {format_money(judged.amount)} → {format_money(now)}")
    if bill.due_date != judged.due:
        parts.append(f"due {_day(judged.due, today)} → {_day(bill.due_date, today)}")
    return ", ".join(parts) or "its lines"


def _day(day: date | None, today: date) -> str:
    return format_date(day, today) if day else "none"


def _judge_awaiting(
    decision: Decision, bill: Bill | None, payments: Sequence[BillPayment], desk: Desk
) -> Verdict | None:
    if bill is None or bill.deleted or bill.voided:
        return Verdict(Phase.MISMATCH, "The bill was deleted or voided in QuickBooks after the hand-off.")
    if bill.digest != judged_part(decision.digest):
        changed = differences(decision, bill, desk.today)
        return Verdict(Phase.MISMATCH, f"The bill changed in QuickBooks after the hand-off: {changed}.")
    paid = decision.judged.amount.amount - bill.balance
    return _judge_payment(decision, paid, payments, desk) if paid else _judge_silence(decision, desk)


def judged_part(digest: str) -> str:
    """The part of a decision's digest that payments against the bill do not change."""
    return digest.partition(":")[0]


def _judge_payment(decision: Decision, paid: Decimal, payments: Sequence[BillPayment], desk: Desk) -> Verdict:
    last = max(payments, key=lambda one: (one.date or date.min, one.id), default=None)
    on, payment = (last.date, last.id) if last else (None, None)
    reason = _why_different(decision, paid, last, desk)
    return Verdict(Phase.MISMATCH if reason else Phase.VERIFIED, reason, payment, on, paid)


def _why_different(decision: Decision, paid: Decimal, last: BillPayment | None, desk: Desk) -> str | None:
    approved = decision.judged.amount
    if paid != approved.amount:
        seen = format_money(Money(paid, approved.currency))
        return f"{seen} was paid, {format_money(approved)} was approved."
    if last is None or not last.total:
        return "QuickBooks closed the bill without a payment."
    latest = _latest_day(decision, desk)
    if last.date is not None and latest is not None and last.date > latest:
        return f"Paid on {_day(last.date, desk.today)}, to be paid by {_day(decision.pay_on, desk.today)}."
    if last.date is not None and last.date < decision.created_at.date() - timedelta(days=1):
        return f"The payment is dated {_day(last.date, desk.today)}, before the decision."
    return None


def _latest_day(decision: Decision, desk: Desk) -> date | None:
    return decision.pay_on + timedelta(days=desk.rules.stale_after_days) if decision.pay_on else None


def _judge_silence(decision: Decision, desk: Desk) -> Verdict | None:
    """Late only by books that were read after the last day: what was not read was not unseen."""
    latest, read = _latest_day(decision, desk), desk.shelf.freshness.of(Group.BILLS).last_synced
    if decision.phase is Phase.STALE or latest is None or read is None:
        return None
    seen_until = read.astimezone(ZoneInfo(desk.health.zone)).date()
    return Verdict(Phase.STALE) if seen_until > latest else None


async def _settle(session: TenantSession, clock: Clock, decision: Decision, verdict: Verdict) -> Decision | None:
    """None when a person moved it in the meantime."""
    await lock_bill(session, decision.bill_id)
    current = await get_decision(session, decision.id, lock=True)
    if current.phase is not decision.phase:
        return None
    facts: dict[str, object] = {"reason": verdict.reason or current.reason}
    if verdict.amount is not None:
        facts |= {"seen_payment": verdict.payment, "seen_on": verdict.on, "seen_amount": verdict.amount}
    moved = await move(session, current, verdict.to, STEP, clock=clock, **facts)
    await announce(session, moved)
    if moved.phase is Phase.STALE:
        await enqueue(session, NudgeDecision(decision_id=moved.id), key=f"decision:{moved.id}:nudge")
    return moved
