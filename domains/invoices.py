"""Invoices as the mirror knows them, and the reads that orchestrators ask for by purpose."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domains.bills import Line


@dataclass(frozen=True, slots=True)
class Invoice:
    """Amounts are in `currency`; `home_*` in the company's own. `balance` is what is still to come in.

    `customer_name` as for a bill's vendor. `email` is the invoice's own address or else the customer's. `sent` is true
    once QuickBooks delivered it by e-mail. `payments` are the ids of Payments.
    """

    id: str
    customer_id: str | None
    customer_name: str | None
    customer_active: bool | None
    doc_number: str | None
    txn_date: date | None
    due_date: date | None
    total: Decimal | None
    balance: Decimal
    currency: str
    exchange_rate: Decimal | None
    home_total: Decimal | None
    home_balance: Decimal
    lines: tuple[Line, ...]
    term_id: str | None
    email: str | None
    email_status: str | None
    sent: bool
    sent_at: datetime | None
    private_note: str | None
    payments: tuple[str, ...]
    voided: bool
    deleted: bool
    sync_token: int
    digest: str
    last_updated: datetime
    last_synced: datetime

    @property
    def is_open(self) -> bool:
        return self.balance != 0 and not self.voided and not self.deleted
