"""What really moved on the bank accounts: each amount once, on the day it moved, with what it was for.

Rules (docs/adr/0003-movements.md): a bill, invoice or card purchase moves no cash; its payment, deposit or card
settlement does. Received money counts when it reaches a bank account, not while it waits in undeposited funds.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class MovementKind(StrEnum):
    """Only OPERATING counts towards burn."""

    OPERATING = "operating"
    OWN_TRANSFER = "own_transfer"
    OWNER_DRAW = "owner_draw"
    OWNER_CONTRIBUTION = "owner_contribution"
    LOAN_PRINCIPAL = "loan_principal"
    ONE_OFF = "one_off"


@dataclass(frozen=True, slots=True)
class Movement:
    """Positive is money in. `amount` is in the home currency, `account_amount` in the bank account's own.

    `id` is unique and stable: entity, record and leg. `entity` is BillPayment, Purchase, Payment, Deposit, Transfer,
    JournalEntry, SalesReceipt or RefundReceipt. `bank_account_id` is where it moved, `counter_account_id` what it was
    for. `settles_document` says that it paid a bill or collected an invoice.
    """

    id: str
    date: date
    amount: Decimal
    account_amount: Decimal
    kind: MovementKind
    entity: str
    record_id: str
    party_id: str | None
    party_name: str | None
    bank_account_id: str
    counter_account_id: str | None
    counter_account_name: str | None
    settles_document: bool
