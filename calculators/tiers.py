"""How much it hurts not to pay a vendor: suggested from the names of the accounts on its bills, confirmed by people."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from calculators.inputs import OpenBill, Tier

# Whole words only: "Current assets" and "Equipment rental" are not rent, and "Syntax" is no tax.
_MUST_PAY: Final = re.compile(
    r"\b(payroll|wages?|salar(y|ies)|rent|tax(es)?|insurance|utilit(y|ies)|electric(ity)?|water)\b", re.IGNORECASE
)


def suggest_tier(account_names: Iterable[str]) -> Tier | None:
    """MUST_PAY for payroll, rent, tax, insurance and utilities; None when the accounts say nothing."""
    return Tier.MUST_PAY if any(_is_essential(name) for name in account_names) else None


@lru_cache(4096)
def _is_essential(account_name: str) -> bool:
    """Thousands of bills post to the same few accounts."""
    return _MUST_PAY.search(account_name) is not None


def effective_tier(bill: OpenBill) -> Tier | None:
    return bill.tier or suggest_tier(bill.account_names)
