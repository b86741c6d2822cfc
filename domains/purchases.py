"""Money spent without a bill: checks, cash and cards. A purchase can be the twin of a bill."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domains.bills import Line


@dataclass(frozen=True, slots=True)
class Purchase:
    """`method` is Cash, Check or CreditCard; `refund` is a credit on a card. `account_id` is the bank or card."""

    id: str
    party_id: str | None
    party_name: str | None
    doc_number: str | None
    date: date | None
    total: Decimal
    currency: str
    exchange_rate: Decimal | None
    method: str | None
    refund: bool
    account_id: str | None
    lines: tuple[Line, ...]
    deleted: bool
