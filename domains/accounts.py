"""The chart of accounts: what each account is for, and its balance with the sign people expect."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domains.documents import decode_account
from domains.mirror import Entity, RecordRow
from domains.reading import RecordNotMirrored, Stored, list_rows, shown
from kit.db import TenantSession

ZERO = Decimal(0)
# QuickBooks writes these as negative numbers when they hold what they should.
OWED_AS_NEGATIVE = frozenset({"Liability"})


class CashRole(StrEnum):
    """What an account is to cash. Everything else is None."""

    BANK = "bank"
    RESTRICTED = "restricted"
    UNDEPOSITED = "undeposited"
    CARD = "card"


# Money held for others may not pay our bills; QuickBooks has sub-types for it.
RESTRICTED_SUBTYPES = frozenset({"TrustAccounts", "RentsHeldAsTrust"})


# Read together when balances are refreshed: what we have and what the cards are owed.
CASH_TYPES = ("Bank", "Credit Card")


@dataclass(frozen=True, slots=True)
class Account:
    """`balance` is positive for what an account of its kind normally holds: what is owed is positive on a liability."""

    id: str
    name: str
    full_name: str
    type: str
    subtype: str | None
    classification: str | None
    active: bool
    currency: str
    balance: Decimal
    parent_id: str | None
    deleted: bool

    @property
    def cash_role(self) -> CashRole | None:
        if self.type == "Bank":
            return CashRole.RESTRICTED if self.subtype in RESTRICTED_SUBTYPES else CashRole.BANK
        if self.type == "Credit Card":
            return CashRole.CARD
        return CashRole.UNDEPOSITED if self.subtype == "UndepositedFunds" else None


@dataclass(frozen=True, slots=True)
class AccountService:
    """Bound to one business by its session; inactive accounts included, deleted ones too: old postings name them."""

    session: TenantSession

    async def list_accounts(self) -> list[Account]:
        rows = await list_rows(self.session, Entity.ACCOUNT, order=(RecordRow.name,), deleted=True)
        return [account_of(row) for row in rows]

    async def get_by_qbo_id(self, qbo_id: str) -> Account:
        """Raises `RecordNotMirrored`."""
        rows = await list_rows(self.session, Entity.ACCOUNT, RecordRow.qbo_id == qbo_id, deleted=True)
        if not rows:
            raise RecordNotMirrored(f"Account {qbo_id}")
        return account_of(rows[0])


def account_of(row: Stored) -> Account:
    facts = decode_account(row.document)
    full_name = shown(row.name, active=row.active)
    return Account(
        row.qbo_id,
        full_name.rsplit(":", 1)[-1],
        full_name,
        row.kind or "",
        row.subkind,
        facts.classification,
        row.active,
        row.currency or "",
        -(row.balance or ZERO) if facts.classification in OWED_AS_NEGATIVE else row.balance or ZERO,
        row.parent_id,
        row.deleted_at is not None,
    )
