"""Writing decisions: every step along an allowed transition, with its audit row, in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domains.audit import Entry, record, record_all
from domains.bills import Bill
from domains.decisions import (
    FIRST,
    TRANSITIONS,
    Decision,
    DecisionRow,
    Phase,
    VoiceRow,
    find_live,
    get_decision,
    list_by_id,
)
from domains.mirror import Entity, RecordRow, TransactionLogRow
from kit.clock import Clock
from kit.db import TenantSession


class IllegalTransition(RuntimeError):
    """Code asked for an arrow that does not exist: a bug, never an answer to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who moved a decision and from where. `by` is a Slack id, or `runway` for what a sync or the clock did."""

    by: str
    source: str
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    phase: Phase
    bill: Bill
    home_amount: Decimal | None
    policy_version: int
    pay_on: date | None = None
    held_until: date | None = None
    reason: str | None = None
    breach: bool = False
    low_water: Decimal | None = None


async def open_decision(session: TenantSession, new: NewDecision, step: Step, *, clock: Clock) -> Decision | None:
    """None when the bill has a live decision already: the unique index decides, whoever raced."""
    if new.phase not in FIRST:
        raise IllegalTransition(f"a decision cannot begin as {new.phase}")
    decision_id = uuid4()
    values = _opening(new, step, clock.now()) | {"log_seq": await _newest_change(session, new.bill.id)}
    statement = insert(DecisionRow).values(business_id=session.business_id, id=decision_id, **values)
    made = await session.execute(statement.on_conflict_do_nothing().returning(DecisionRow.id))
    if made.scalar_one_or_none() is None:
        return None
    decision = await get_decision(session, decision_id)
    await record(session, _entry(None, decision, f"decision.{new.phase}", step), clock=clock)
    return decision


async def _newest_change(session: TenantSession, bill_id: str) -> int:
    newest = select(func.coalesce(func.max(TransactionLogRow.seq), 0)).where(
        TransactionLogRow.entity == Entity.BILL, TransactionLogRow.qbo_id == bill_id
    )
    return int((await session.execute(newest)).scalar_one())


def _opening(new: NewDecision, step: Step, now: datetime) -> dict[str, Any]:
    bill = new.bill
    judged = {
        "vendor": bill.vendor_name or "",
        "doc_number": bill.doc_number,
        "due": bill.due_date.isoformat() if bill.due_date else None,
    }
    decided = new.phase is not Phase.PROPOSED
    return {
        "bill_id": bill.id,
        "phase": new.phase,
        "digest": seen_digest(bill),
        "record_token": bill.sync_token,
        "judged": judged,
        "vendor_id": bill.vendor_id,
        "amount": bill.balance,
        "currency": bill.currency,
        "home_amount": new.home_amount,
        "pay_on": new.pay_on,
        "held_until": new.held_until,
        "reason": new.reason,
        "breach": new.breach,
        "low_water": new.low_water,
        "policy_version": new.policy_version,
        "created_by": step.by,
        "created_at": now,
        "changed_by": step.by,
        "changed_at": now,
        "decided_by": step.by if decided else None,
        "decided_at": now if decided else None,
    }


def seen_digest(bill: Bill) -> str:
    """What an approval stands on: the judged fields and the open balance."""
    return f"{bill.digest}:{bill.balance.normalize()}"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one decision: `facts` are columns that change, `to` the phase it moves to, if it moves."""

    decision: Decision
    action: str
    facts: Mapping[str, object]
    to: Phase | None = None


def moving(decision: Decision, to: Phase, **facts: object) -> Change:
    return Change(decision, f"decision.{to}", facts, to)


async def move(
    session: TenantSession, decision: Decision, to: Phase, step: Step, *, clock: Clock, **facts: object
) -> Decision:
    """Along an arrow of `TRANSITIONS`, under the row's lock. `facts` are further columns that change with it."""
    [moved] = await change_all(session, [moving(decision, to, **facts)], step, clock=clock)
    return moved


async def amend(
    session: TenantSession, decision: Decision, step: Step, action: str, *, clock: Clock, **facts: object
) -> Decision:
    """Change facts of a decision without moving it (a voice was added, an error kept), audited as `action`."""
    [amended] = await change_all(session, [Change(decision, action, facts)], step, clock=clock)
    return amended


async def change_all(session: TenantSession, changes: Sequence[Change], step: Step, *, clock: Clock) -> list[Decision]:
    """One step for many decisions, audited in this order: as many statements as for one of them."""
    ids = [one.decision.id for one in changes]
    rows = await _locked(session, ids)
    before = [Phase(rows[one].phase) for one in ids]
    for one in changes:
        _apply(rows[one.decision.id], one, step, clock.now())
    await session.flush()
    found = await list_by_id(session, ids)
    after = [found[one] for one in ids]
    entries = [_entry(was, now, one.action, step) for was, now, one in zip(before, after, changes, strict=True)]
    await record_all(session, entries, clock=clock)
    return after


def _apply(row: DecisionRow, change: Change, step: Step, now: datetime) -> None:
    if change.to is not None:
        if change.to not in TRANSITIONS[Phase(row.phase)]:
            raise IllegalTransition(f"{row.id} {row.phase} → {change.to}")
        row.phase = change.to
        if change.to in FIRST:
            row.decided_by, row.decided_at = step.by, now
    for name, value in change.facts.items():
        setattr(row, name, value)
    row.changed_by, row.changed_at = step.by, now


async def add_voice(
    session: TenantSession, decision: Decision, step: Step, *, limit: Decimal | None, clock: Clock
) -> bool:
    """Whether this person had not spoken before."""
    values = {"decision_id": decision.id, "slack_user": step.by, "at": clock.now(), "own_limit": limit}
    who = {"business_id": session.business_id, "on_behalf_of": step.on_behalf_of}
    statement = insert(VoiceRow).values(**values, **who).on_conflict_do_nothing().returning(VoiceRow.slack_user)
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def lock_live(session: TenantSession, bill_id: str) -> Decision | None:
    """The live decision of a bill, its row locked; waits for whoever is deciding on it."""
    found = await find_live(session, bill_id)
    if found is None:
        return None
    locked = await get_decision(session, found.id, lock=True)
    return locked if locked.is_live else await find_live(session, bill_id)


async def _locked(session: TenantSession, ids: Sequence[UUID]) -> dict[UUID, DecisionRow]:
    """In one order, so that two who lock several never wait for each other in a circle."""
    statement = select(DecisionRow).where(DecisionRow.id.in_(ids)).order_by(DecisionRow.id).with_for_update()
    found = await session.execute(statement.execution_options(populate_existing=True))
    return {row.id: row for row in found.scalars()}


def _entry(before: Phase | None, after: Decision, action: str, step: Step) -> Entry:
    return Entry(
        actor=step.by,
        action=action,
        object_type="decision",
        object_id=str(after.id),
        before=None if before is None else {"phase": before},
        after=_facts(after),
        source=step.source,
        on_behalf_of=step.on_behalf_of,
    )


def _facts(decision: Decision) -> dict[str, Any]:
    facts = {
        "phase": decision.phase,
        "bill": decision.bill_id,
        "amount": str(decision.judged.amount.amount),
        "currency": decision.judged.amount.currency,
        "digest": decision.digest,
        "token": decision.record_token,
        "policy": decision.policy_version,
        "pay_on": decision.pay_on,
        "held_until": decision.held_until,
        "reason": decision.reason,
        "breach": decision.breach or None,
        "seen_on": decision.seen_on,
        "seen_amount": None if decision.seen_amount is None else str(decision.seen_amount.amount),
        "error": decision.error,
        "voices": [voice.by for voice in decision.voices] or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


async def lock_bill(session: TenantSession, bill_id: str) -> None:
    """Whoever decides on the bill, and the sync that changes it, wait for each other here."""
    await lock_bills(session, [bill_id])


async def lock_bills(session: TenantSession, bill_ids: Iterable[str]) -> None:
    """Each as by `lock_bill`, in one order."""
    mine = RecordRow.qbo_id.in_(list(bill_ids))
    statement = select(RecordRow.qbo_id).where(RecordRow.entity == Entity.BILL, mine).order_by(RecordRow.qbo_id)
    await session.execute(statement.with_for_update())
