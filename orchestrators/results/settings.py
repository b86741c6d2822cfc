"""What a business chose: policy, delegates, digest, vendor tiers, known items, money set aside."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domains.issues.catalogue import IssueCode
from domains.known_items import KnownItem, SetAside
from domains.people import Role
from domains.policy import Policy
from kit.money import Money
from orchestrators.results.basis import Page


class SettingsAct(StrEnum):
    EDIT = "edit"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class PersonLine:
    """`limit` and its dates are of the delegation in force or to come, None for people without one."""

    slack_user: str
    name: str
    roles: frozenset[Role]
    limit: Money | None
    limit_from: date | None
    limit_to: date | None


@dataclass(frozen=True, slots=True)
class BankLine:
    """`held_for_others`: QuickBooks says so, it never counts. `asked`: its name suggests that it should not."""

    account_id: str
    name: str
    balance: Money
    set_apart: bool
    held_for_others: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class SettingsView:
    """`policy` is the version in force; `version` is what the form carries back (a newer one in between is refused)."""

    business_name: str
    zone: str
    currency: str
    policy: Policy
    version: int
    changed_by: str | None
    changed_at: datetime | None
    people: tuple[PersonLine, ...]
    banks: tuple[BankLine, ...]
    acts: tuple[SettingsAct, ...]


@dataclass(frozen=True, slots=True)
class TierLine:
    """`tier` was set by a person, `suggested` is read from the accounts the vendor's bills post to (`because`)."""

    vendor_id: str
    name: str
    tier: int | None
    suggested: int | None
    because: str | None
    open_balance: Money | None
    set_by: str | None


@dataclass(frozen=True, slots=True)
class TierPage:
    lines: tuple[TierLine, ...]
    page: Page
    unconfirmed: int
    acts: tuple[SettingsAct, ...]


@dataclass(frozen=True, slots=True)
class KnownItemsView:
    items: tuple[KnownItem, ...]
    set_aside: tuple[SetAside, ...]
    currency: str
    acts: tuple[SettingsAct, ...]


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act as people read it. `subject` is the record's reference where there is one ("B-145").

    `code` is the issue that an act in the tray was about.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: str | None
    after: str | None
    source: str | None
    on_behalf_of: str | None
    code: IssueCode | None = None


@dataclass(frozen=True, slots=True)
class AuditResult:
    """`named`: the subject can have a history at all. `refused`: so many refusals of that time are left out."""

    lines: tuple[AuditLine, ...]
    subject: str | None
    head: str | None  # hash of the newest entry, hex: the anchor that a digest prints
    named: bool = True
    refused: int = 0
