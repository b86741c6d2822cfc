"""The books as they stood on a past day, from dated rows only: what a forecast made then could have known.

Nothing dated or entered after that day is read. A balance of a past day is today's less all that moved the bank since.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from calculators.inputs import (
    ZERO,
    AccountKind,
    Books,
    CalculatorError,
    CashAccount,
    CashPosition,
    Movement,
    OpenBill,
    OpenInvoice,
    Policy,
    Settlement,
)


class BeforeTheBooks(CalculatorError):
    """The day lies before the first or after the last day the rows cover: its balance cannot be rebuilt."""

    def __init__(self, day: date, first: date, last: date) -> None:
        super().__init__(f"the books cover {first} to {last}, not {day}")
        self.day, self.first, self.last = day, first, last


@dataclass(frozen=True, slots=True)
class Part:
    """One payment of a document."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DatedDocument:
    """A bill or invoice with its whole life, home currency.

    `entered`: when it came into the books, if later than issued. `written_off`: the day the rest was given up.
    """

    id: str
    party_id: str | None
    party_name: str
    issued: date
    due: date | None
    amount: Decimal
    payments: tuple[Part, ...] = ()
    entered: date | None = None
    written_off: date | None = None
    account_names: tuple[str, ...] = ()

    def known_on(self, day: date) -> bool:
        return max(self.issued, self.entered or self.issued) <= day

    def balance_on(self, day: date) -> Decimal:
        if self.written_off is not None and self.written_off <= day:
            return ZERO
        return self.amount - sum((part.amount for part in self.payments if part.on <= day), ZERO)

    def settlement_by(self, day: date) -> Settlement:
        """How a document without balance on `day` came to its end."""
        given_up = self.written_off is not None and self.written_off <= day
        ends = [part.on for part in self.payments if part.on <= day] + ([self.written_off] if self.written_off else [])
        closed = max((on for on in ends if on <= day), default=self.issued)
        return Settlement(self.id, self.party_id, self.issued, self.due, closed, self.amount, written_off=given_up)


@dataclass(frozen=True, slots=True)
class DatedBooks:
    """All dated rows from `first` to `last`, and the bank balance at the end of `last`; home currency."""

    currency: str
    first: date
    last: date
    cash: Decimal
    movements: tuple[Movement, ...]
    bills: tuple[DatedDocument, ...]
    invoices: tuple[DatedDocument, ...]
    policy: Policy

    def cash_on(self, day: date) -> Decimal:
        self._covered(day)
        return self.cash - sum((one.amount for one in self.movements if one.on > day), ZERO)

    def books_on(self, day: date) -> Books:
        """The open documents, movements and settlements known at the end of `day`.

        Decisions, holds, tiers and known items are not in the books and are left empty.
        """
        self._covered(day)
        account = CashAccount("bank", "bank", AccountKind.BANK, self.cash_on(day), self.currency)
        bills, paid = _split(self.bills, day)
        invoices, collected = _split(self.invoices, day)
        return Books(
            currency=self.currency,
            cash=CashPosition((account,)),
            bills=tuple(self._open_bill(one, owed) for one, owed in bills),
            invoices=tuple(self._open_invoice(one, owed) for one, owed in invoices),
            movements=tuple(one for one in self.movements if one.on <= day),
            known_items=(),
            bill_settlements=tuple(one.settlement_by(day) for one in paid),
            invoice_settlements=tuple(one.settlement_by(day) for one in collected),
            policy=self.policy,
        )

    def _covered(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise BeforeTheBooks(day, self.first, self.last)

    def _open_bill(self, one: DatedDocument, owed: Decimal) -> OpenBill:
        return OpenBill(
            id=one.id,
            vendor_id=one.party_id,
            vendor_name=one.party_name,
            balance=owed,
            currency=self.currency,
            txn_date=one.issued,
            due_date=one.due,
            account_names=one.account_names,
        )

    def _open_invoice(self, one: DatedDocument, owed: Decimal) -> OpenInvoice:
        return OpenInvoice(one.id, one.party_id, one.party_name, owed, self.currency, one.issued, one.due)


def _split(
    documents: Iterable[DatedDocument], day: date
) -> tuple[list[tuple[DatedDocument, Decimal]], list[DatedDocument]]:
    """Documents known on `day`: those still open with what was owed, and those that are over."""
    known = [(one, one.balance_on(day)) for one in documents if one.known_on(day)]
    return [(one, owed) for one, owed in known if owed], [one for one, owed in known if not owed]
