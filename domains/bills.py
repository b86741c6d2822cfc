"""Bills as the mirror knows them, and the reads that orchestrators ask for by purpose."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill, purchase or credit. Names are those the account or item has today."""

    id: str | None
    account_id: str | None
    account_name: str | None
    item_id: str | None
    item_name: str | None
    amount: Decimal | None
    description: str | None


@dataclass(frozen=True, slots=True)
class Bill:
    """Amounts are in `currency`; `home_*` in the company's own. `balance` is what is still owed.

    `vendor_name` is the vendor's name today, or None when the reference is missing, unknown to the mirror or blank;
    `vendor_id` may be set all the same. `vendor_active` is None for an unknown vendor. `payments` are the ids of
    BillPayments. `digest` changes when vendor, amount, lines or due date do, and with nothing else.
    """

    id: str
    vendor_id: str | None
    vendor_name: str | None
    vendor_active: bool | None
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
    vendor_term_id: str | None
    ap_account_id: str | None
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


def judged_digest(
    vendor_id: str | None, total: Decimal | None, currency: str, due_date: date | None, lines: tuple[Line, ...]
) -> str:
    """Of what a person judges when approving: a note or a payment against the bill does not change it."""
    parts = [vendor_id, _plain(total), currency, due_date]
    for line in lines:
        parts += [line.account_id, line.item_id, _plain(line.amount)]
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.4f}"
