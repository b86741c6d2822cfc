"""The business's own rules: versioned, so that an old approval can be held against the rules of its moment."""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import String, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.audit import Entry, record
from domains.businesses import get_business
from kit.clock import Clock
from kit.db import TenantSession
from kit.errors import Outdated
from kit.models import Base, Owned


class Writeback(StrEnum):
    OFF = "off"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Delegation:
    """An advisor's right to approve up to `limit` a bill and `daily_limit` a day (3 × limit when None).

    Both dates are included.
    """

    slack_user: str
    limit: Decimal
    starts: date
    ends: date
    granted_by: str
    daily_limit: Decimal | None = None

    @property
    def per_day(self) -> Decimal:
        return 3 * self.limit if self.daily_limit is None else self.daily_limit

    def holds(self, on: date) -> bool:
        return self.starts <= on <= self.ends


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """`weekday` is ISO (1 = Monday); the hour is on the wall clock of `zone`. No channel: not configured yet."""

    weekday: int = 1
    hour: int = 9
    zone: str = "UTC"
    channel: str | None = None
    amounts_in_channel: bool | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are in the home currency. `pay_days` are ISO weekdays.

    `second_approver_over`: above it two people must say yes. `defaulted_due_over` and `significant_invoice` are the
    thresholds of DUE_DATE_DEFAULTED and of `collect`. `stale_after_days`: nudge when an approved payment is not seen.
    `restricted_accounts`: ids of bank accounts whose money is spoken for; None while nobody was asked.
    """

    floor_cash: Decimal = Decimal(0)
    floor_days: int = 14
    second_approver_over: Decimal = Decimal(10_000)
    pay_days: tuple[int, ...] = (2, 4)
    delegations: tuple[Delegation, ...] = ()
    bill_writeback: Writeback = Writeback.OFF
    defaulted_due_over: Decimal = Decimal(1_000)
    significant_invoice: Decimal = Decimal(10_000)
    stale_after_days: int = 5
    restricted_accounts: tuple[str, ...] | None = None
    digest: DigestSettings = field(default_factory=DigestSettings)

    def find_delegation(self, slack_user: str, on: date) -> Delegation | None:
        return next((one for one in self.delegations if one.slack_user == slack_user and one.holds(on)), None)


class PolicyRow(Owned, Base):
    __tablename__ = "policies"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """Version 0 is the default that nobody has changed yet."""

    version: int
    policy: Policy
    changed_by: str | None = None
    changed_at: datetime | None = None


async def get_policy(session: TenantSession) -> PolicyVersion:
    """The version in force."""
    newest = select(PolicyRow).order_by(PolicyRow.version.desc()).limit(1)
    row = (await session.execute(newest)).scalar_one_or_none()
    return _version(row) if row is not None else await get_version(session, 0)


async def get_version(session: TenantSession, version: int) -> PolicyVersion:
    """Raises `NoResultFound` for one that was never written; 0 is the default."""
    if version == 0:
        return PolicyVersion(0, Policy(digest=DigestSettings(zone=(await get_business(session)).zone)))
    return _version((await session.execute(select(PolicyRow).where(PolicyRow.version == version))).scalar_one())


async def list_versions_since(session: TenantSession, at: datetime) -> list[PolicyVersion]:
    """Oldest first: the version that was in force at `at` (the default when there was none), and all later ones."""
    rows = (await session.execute(select(PolicyRow).order_by(PolicyRow.version))).scalars()
    versions = [PolicyVersion(0, Policy()), *(_version(row) for row in rows)]
    before = [one for one in versions if one.changed_at is None or one.changed_at <= at]
    return versions[len(before) - 1 :]


async def save_policy(
    session: TenantSession, policy: Policy, *, seen: int, by: str, source: str, clock: Clock
) -> PolicyVersion:
    """Write the next version. Raises `Outdated` when `seen` is not the one in force any more."""
    current = await get_policy(session)
    row = {"version": seen + 1, "body": msgspec.to_builtins(policy, str_keys=True)}
    who = {"business_id": session.business_id, "changed_by": by, "changed_at": clock.now()}
    statement = insert(PolicyRow).values(**row, **who).on_conflict_do_nothing().returning(PolicyRow.version)
    if current.version != seen or (await session.execute(statement)).scalar_one_or_none() is None:
        raise Outdated("Somebody changed the settings while you had them open. Nothing of yours was saved.")
    before, after = _difference(current.policy, policy)
    entry = Entry(
        actor=by,
        action="policy.changed",
        object_type="policy",
        object_id=str(seen + 1),
        before=before,
        after=after,
        source=source,
    )
    await record(session, entry, clock=clock)
    return PolicyVersion(seen + 1, policy, by, clock.now())


def _difference(old: Policy, new: Policy) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [one.name for one in fields(Policy) if getattr(old, one.name) != getattr(new, one.name)]
    before, after = msgspec.to_builtins(old, str_keys=True), msgspec.to_builtins(new, str_keys=True)
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def without_delegate(policy: Policy, slack_user: str) -> Policy:
    kept = tuple(one for one in policy.delegations if one.slack_user != slack_user)
    return replace(policy, delegations=kept)


def _version(row: PolicyRow) -> PolicyVersion:
    policy = msgspec.convert(row.body, Policy, strict=False)
    return PolicyVersion(row.version, policy, row.changed_by, row.changed_at)
