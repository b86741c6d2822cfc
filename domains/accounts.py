"""The chart of accounts: what each account is for, and its balance with the sign people expect."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domains.documents import decode_account
from domains.mirror import Entity, RecordRow
from domains.policy import get_policy
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

SPOKEN_FOR = re.compile(r"\b(tax(es)?|vat|payroll|escrow|trust|savings?|reserves?|deposits? held)\b", re.IGNORECASE)

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
    set_apart: bool = False  # people said so in the settings

    @property
    def cash_role(self) -> CashRole | None:
        if self.type == "Bank":
            return CashRole.RESTRICTED if self.set_apart or self.held_for_others else CashRole.BANK
        if self.type == "Credit Card":
            return CashRole.CARD
        return CashRole.UNDEPOSITED if self.subtype == "UndepositedFunds" else None

    @property
    def held_for_others(self) -> bool:
        return self.subtype in RESTRICTED_SUBTYPES

    @property
    def may_be_spoken_for(self) -> bool:
        """Its name says so: a question to people, never an answer."""
        return SPOKEN_FOR.search(self.full_name) is not None


@dataclass(frozen=True, slots=True)
class AccountService:
    """Bound to one business by its session; inactive accounts included, deleted ones too: old postings name them."""

    session: TenantSession

    async def list_accounts(self) -> list[Account]:
        rows = await list_rows(self.session, Entity.ACCOUNT, order=(RecordRow.name,), deleted=True)
        apart = (await get_policy(self.session)).policy.restricted_accounts or ()
        return [account_of(row, set_apart=row.qbo_id in apart) for row in rows]

    async def list_bank_accounts(self) -> list[Account]:
        """Those in use, whether their money counts as cash or not."""
        return [one for one in await self.list_accounts() if one.type == "Bank" and one.active and not one.deleted]

    async def list_spoken_for(self) -> list[Account]:
        """Those that count as cash though their names say otherwise; none once somebody chose."""
        if (await get_policy(self.session)).policy.restricted_accounts is not None:
            return []
        banks = await self.list_bank_accounts()
        return [one for one in banks if one.cash_role is CashRole.BANK and one.may_be_spoken_for]

    async def get_by_qbo_id(self, qbo_id: str) -> Account:
        """Raises `RecordNotMirrored`."""
        rows = await list_rows(self.session, Entity.ACCOUNT, RecordRow.qbo_id == qbo_id, deleted=True)
        if not rows:
            raise RecordNotMirrored(f"Account {qbo_id}")
        apart = (await get_policy(self.session)).policy.restricted_accounts or ()
        return account_of(rows[0], set_apart=qbo_id in apart)


def account_of(row: Stored, *, set_apart: bool) -> Account:
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
        set_apart,
    )
