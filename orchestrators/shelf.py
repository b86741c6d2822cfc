"""Everything a desk reads of the books, taken from the mirror in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from domains.accounts import Account
from domains.balances import BalanceSnapshot
from domains.bills import Bill
from domains.freshness import BooksFreshness
from domains.invoices import Invoice
from domains.moving import Movement
from domains.parties import Customer, Vendor
from domains.payments import CreditMemo, Payment, Settlement, VendorCredit
from domains.purchases import Purchase
from domains.terms import Term
from orchestrators.results.basis import Link


@dataclass(frozen=True, slots=True)
class SyncState:
    """`failed_run` identifies the last finished run when that failed."""

    link: Link
    running: bool
    failed_run: str | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """`bills` and `invoices` are open; `paid_bills` and `purchases` those a bill may repeat; movements of 400 days.

    What is made of shelves with the same `mark` is the same. None: the mirror changed while it was read.
    """

    currency: str
    freshness: BooksFreshness
    sync: SyncState
    bills: Mapping[str, Bill]
    invoices: Mapping[str, Invoice]
    paid_bills: tuple[Bill, ...]
    purchases: tuple[Purchase, ...]
    vendors: Mapping[str, Vendor]
    customers: Mapping[str, Customer]
    accounts: Mapping[str, Account]
    terms: Mapping[str, Term]
    payments: tuple[Payment, ...]
    credit_memos: tuple[CreditMemo, ...]
    vendor_credits: tuple[VendorCredit, ...]
    balances: BalanceSnapshot
    movements: tuple[Movement, ...]
    bill_settlements: tuple[Settlement, ...]
    invoice_settlements: tuple[Settlement, ...]
    mark: object

    @property
    def size(self) -> int:
        """In records."""
        documents = (self.bills, self.invoices, self.paid_bills, self.purchases, self.vendors, self.customers)
        settled = (self.bill_settlements, self.invoice_settlements)
        return sum(map(len, (*documents, *settled, self.movements, self.accounts, self.payments)))
