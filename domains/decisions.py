"""What was decided about a bill, by whom, on which version of it. Never a movement of money; never deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    Text,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import TenantSession
from kit.models import Base, Owned, OwnedById
from kit.money import Money

AMOUNT = Numeric(19, 4)


class Phase(StrEnum):
    """Where a decision stands. The state row decides every text, never the click."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    HELD = "held"
    CANCELLED = "cancelled"
    HANDED_OFF = "handed_off"
    VERIFIED = "verified"
    MISMATCH = "mismatch"
    STALE = "stale"
    EXPIRED = "expired"


FIRST = frozenset({Phase.PROPOSED, Phase.APPROVED, Phase.REJECTED, Phase.HELD})
BEFORE_HAND_OFF = FIRST
AWAITING_PAYMENT = frozenset({Phase.HANDED_OFF, Phase.STALE})
LIVE = BEFORE_HAND_OFF | AWAITING_PAYMENT

# From → to; a decision begins in one of FIRST. Whatever is not here does not happen.
TRANSITIONS: dict[Phase, frozenset[Phase]] = {
    Phase.PROPOSED: frozenset({Phase.APPROVED, Phase.REJECTED, Phase.HELD, Phase.CANCELLED, Phase.EXPIRED}),
    Phase.APPROVED: frozenset({Phase.HANDED_OFF, Phase.CANCELLED, Phase.EXPIRED}),
    Phase.HELD: frozenset({Phase.CANCELLED, Phase.EXPIRED}),
    Phase.REJECTED: frozenset({Phase.CANCELLED, Phase.EXPIRED}),
    Phase.HANDED_OFF: frozenset({Phase.VERIFIED, Phase.MISMATCH, Phase.STALE}),
    Phase.STALE: frozenset({Phase.VERIFIED, Phase.MISMATCH}),
    Phase.VERIFIED: frozenset(),
    Phase.MISMATCH: frozenset(),
    Phase.CANCELLED: frozenset(),
    Phase.EXPIRED: frozenset(),
}


class DecisionRow(OwnedById, Base):
    """`judged` is the bill as it was decided on, so that a later sync can say old → new; `digest` is its fingerprint.

    `record_token` is the SyncToken of that version, `log_seq` the newest change of the bill that the mirror had logged
    then: together they prove that nobody decided on an older version than was known. `low_water` is the projected low
    balance that the person was shown.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "uq_decisions_live_bill",
            "business_id",
            "bill_id",
            unique=True,
            postgresql_where=text(
                "phase IN ('proposed', 'approved', 'held', 'rejected', 'handed_off', 'stale')",
            ),
        ),
        Index("ix_decisions_bill", "business_id", "bill_id", "created_at"),
        Index("ix_decisions_changed", "business_id", "changed_at"),
    )

    bill_id: Mapped[str] = mapped_column(String(30))
    phase: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    record_token: Mapped[int] = mapped_column(BigInteger)
    judged: Mapped[dict[str, Any]] = mapped_column(JSONB)
    vendor_id: Mapped[str | None] = mapped_column(String(30))
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
    currency: Mapped[str] = mapped_column(String(3))
    home_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    pay_on: Mapped[date | None] = mapped_column(Date)
    held_until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(Text)
    breach: Mapped[bool] = mapped_column(server_default="false")
    low_water: Mapped[Decimal | None] = mapped_column(AMOUNT)
    policy_version: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    batch_id: Mapped[UUID | None]
    error: Mapped[str | None] = mapped_column(Text)
    seen_payment: Mapped[str | None] = mapped_column(String(30))
    seen_on: Mapped[date | None] = mapped_column(Date)
    seen_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    log_seq: Mapped[int] = mapped_column(BigInteger)


class VoiceRow(Owned, Base):
    """One person's yes to one decision. `own_limit` is what they could approve alone then; None = no limit.

    `at` is the business's clock, `written_at` the database's, which is also that of the roles.
    """

    __tablename__ = "decision_voices"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "decision_id"], ["decisions.business_id", "decisions.id"]),
        Index("ix_decision_voices_person", "business_id", "slack_user", "at"),
    )

    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    slack_user: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())
    own_limit: Mapped[Decimal | None] = mapped_column(AMOUNT)
    on_behalf_of: Mapped[str | None] = mapped_column(String(40))


@dataclass(frozen=True, slots=True)
class Judged:
    """The bill as a person saw it when deciding."""

    vendor: str
    doc_number: str | None
    amount: Money
    due: date | None


@dataclass(frozen=True, slots=True)
class Voice:
    by: str
    at: datetime
    limit: Decimal | None
    on_behalf_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`amount` is the open balance decided on; `home_amount` the same in the home currency, None without a rate."""

    id: UUID
    bill_id: str
    phase: Phase
    digest: str
    record_token: int
    judged: Judged
    vendor_id: str | None
    home_amount: Decimal | None
    pay_on: date | None
    held_until: date | None
    reason: str | None
    breach: bool
    low_water: Decimal | None
    policy_version: int
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    batch_id: UUID | None
    error: str | None
    seen_payment: str | None
    seen_on: date | None
    seen_amount: Money | None
    voices: tuple[Voice, ...] = ()

    @property
    def reference(self) -> str:
        """Short enough to write on a cheque; the audit finds the decision by it."""
        return f"R-{self.id.hex[:8].upper()}"

    @property
    def is_live(self) -> bool:
        return self.phase in LIVE

    def is_over(self, today: date) -> bool:
        """A hold whose day has come counts as no decision, even before a sync has written that down."""
        return not self.is_live or (
            self.phase is Phase.HELD and self.held_until is not None and self.held_until <= today
        )


@dataclass(frozen=True, slots=True)
class _Live:
    decisions: tuple[Decision, ...]


async def list_live(session: TenantSession) -> list[Decision]:
    """Decoded anew only when one of them, or a voice, was written since (docs/adr/0015-kept-books.md)."""
    mark = await _mark_of_live(session)
    live = session.recall(_Live, mark)
    if live is None:
        live = _Live(tuple(await _load(session, DecisionRow.phase.in_(LIVE))))
        session.remember(live, mark, size=len(live.decisions))
    return list(live.decisions)


async def _mark_of_live(session: TenantSession) -> object:
    """Every version of a row stands somewhere else, and carries the transaction that wrote it."""
    version = literal_column("decisions.id::text || decisions.xmin::text || decisions.ctid::text", String)
    decisions = select(func.md5(func.string_agg(version, aggregate_order_by(literal(","), DecisionRow.id))))
    live = select(DecisionRow.id).where(DecisionRow.phase.in_(LIVE))
    voices = select(func.count()).select_from(VoiceRow).where(VoiceRow.decision_id.in_(live))
    found = await session.execute(decisions.where(DecisionRow.phase.in_(LIVE)).add_columns(voices.scalar_subquery()))
    return tuple(found.one())


async def list_changed_since(session: TenantSession, at: datetime) -> list[Decision]:
    """Oldest change first, in any phase."""
    found = await _load(session, DecisionRow.changed_at > at)
    return sorted(found, key=lambda one: (one.changed_at, one.id))


async def list_in_batch(session: TenantSession, batch_id: UUID) -> list[Decision]:
    return await _load(session, DecisionRow.batch_id == batch_id)


async def find_live(session: TenantSession, bill_id: str) -> Decision | None:
    found = await _load(session, DecisionRow.bill_id == bill_id, DecisionRow.phase.in_(LIVE))
    return found[0] if found else None


async def find_latest(session: TenantSession, bill_id: str) -> Decision | None:
    """The live one, or else the one that changed last."""
    found = await _load(session, DecisionRow.bill_id == bill_id)
    return max(found, key=lambda one: (one.is_live, one.changed_at, one.id), default=None)


async def list_latest(session: TenantSession, bill_ids: Iterable[str]) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for one in await _load(session, DecisionRow.bill_id.in_(list(bill_ids))):
        known = found.get(one.bill_id)
        if known is None or (one.is_live, one.changed_at, one.id) > (known.is_live, known.changed_at, known.id):
            found[one.bill_id] = one
    return found


async def get_decision(session: TenantSession, decision_id: UUID, *, lock: bool = False) -> Decision:
    """Raises `LookupError` when this business has no such decision."""
    found = await _load(session, DecisionRow.id == decision_id, lock=lock)
    if not found:
        raise LookupError(str(decision_id))
    return found[0]


async def list_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Decision]:
    return {one.id: one for one in await _load(session, DecisionRow.id.in_(list(ids)))}


async def find_by_reference(session: TenantSession, reference: str) -> Decision | None:
    """By the short name that a person reads on a pay list; None unless exactly one has it."""
    prefix = reference.upper().removeprefix("R-").lower()
    if len(prefix) != 8 or not all(letter in "0123456789abcdef" for letter in prefix):
        return None
    low, high = UUID(prefix + "0" * 24), UUID(prefix + "f" * 24)
    found = await _load(session, DecisionRow.id.between(low, high))
    return found[0] if len(found) == 1 else None


async def list_voices_since(session: TenantSession, slack_user: str, at: datetime) -> list[Decision]:
    """Decisions that this person said yes to since then and that were not withdrawn."""
    spoken = select(VoiceRow.decision_id).where(VoiceRow.slack_user == slack_user, VoiceRow.at >= at)
    gone = DecisionRow.phase.in_((Phase.CANCELLED, Phase.REJECTED, Phase.EXPIRED))
    return await _load(session, DecisionRow.id.in_(spoken), ~gone)


async def _load(session: TenantSession, *conditions: Any, lock: bool = False) -> list[Decision]:
    statement = select(DecisionRow).where(*conditions).order_by(DecisionRow.created_at, DecisionRow.id)
    if lock:
        statement = statement.with_for_update()
    rows = list((await session.execute(statement.execution_options(populate_existing=True))).scalars())
    voices = await _voices(session, [row.id for row in rows]) if rows else {}
    return [as_decision(row, voices.get(row.id, ())) for row in rows]


async def _voices(session: TenantSession, ids: list[UUID]) -> Mapping[UUID, tuple[Voice, ...]]:
    found: dict[UUID, tuple[Voice, ...]] = {}
    for start in range(0, len(ids), 5000):
        mine = VoiceRow.decision_id.in_(ids[start : start + 5000])
        rows = await session.execute(select(VoiceRow).where(mine).order_by(VoiceRow.at, VoiceRow.slack_user))
        for row in rows.scalars():
            voice = Voice(row.slack_user, row.at, row.own_limit, row.on_behalf_of)
            found[row.decision_id] = (*found.get(row.decision_id, ()), voice)
    return found


def as_decision(row: DecisionRow, voices: tuple[Voice, ...] = ()) -> Decision:
    return Decision(
        id=row.id,
        bill_id=row.bill_id,
        phase=Phase(row.phase),
        digest=row.digest,
        record_token=row.record_token,
        judged=_judged(row),
        vendor_id=row.vendor_id,
        home_amount=row.home_amount,
        pay_on=row.pay_on,
        held_until=row.held_until,
        reason=row.reason,
        breach=row.breach,
        low_water=row.low_water,
        policy_version=row.policy_version,
        created_by=row.created_by,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        batch_id=row.batch_id,
        error=row.error,
        seen_payment=row.seen_payment,
        seen_on=row.seen_on,
        seen_amount=None if row.seen_amount is None else Money(row.seen_amount, row.currency),
        voices=voices,
    )


def _judged(row: DecisionRow) -> Judged:
    facts = row.judged
    due = date.fromisoformat(facts["due"]) if facts["due"] else None
    return Judged(facts["vendor"], facts["doc_number"], Money(row.amount, row.currency), due)
