"""The business's own rules: versioned, so that an old approval can be held against the rules of its moment."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


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
    digest: DigestSettings = field(default_factory=DigestSettings)
