"""The chart of accounts: what each account is for, and its balance with the sign people expect."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


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
    """`balance` is positive for what an account of its kind normally holds: money owed is positive on a liability.

    QuickBooks writes liabilities, equity and income as negative numbers when they hold what they should.
    """

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
