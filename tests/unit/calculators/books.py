"""Small books for tests: each maker takes only what most tests are about, `dataclasses.replace` does the rest."""

from datetime import date, timedelta
from decimal import Decimal

from calculators.habits import Habits, learn_habits
from calculators.inputs import (
    AccountKind,
    Books,
    CashAccount,
    CashPosition,
    KnownItem,
    Movement,
    MovementKind,
    MovementSource,
    OpenBill,
    OpenInvoice,
    Policy,
    Settlement,
)
from calculators.projection import Projection, project

TODAY = date(2026, 11, 18)  # a Wednesday; the pay days are Tuesday and Thursday
NEXT_PAY_DAY = date(2026, 11, 19)

Number = int | str | Decimal


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def usd(*amounts: Number) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


def account(balance: Number, kind: AccountKind = AccountKind.BANK, currency: str = "USD") -> CashAccount:
    return CashAccount(f"{kind}:{balance}", "Checking", kind, Decimal(balance), currency)


def moved(
    id_: str,
    on: date,
    amount: Number,
    *,
    kind: MovementKind = MovementKind.OPERATING,
    source: MovementSource = MovementSource.PURCHASE,
    party: str | None = None,
    category: str | None = None,
    settles: bool = False,
) -> Movement:
    return Movement(
        id=id_,
        on=on,
        amount=Decimal(amount),
        kind=kind,
        source=source,
        party_id=party,
        party_name=None if party is None else f"Party {party}",
        account_id=category,
        account_name=category,
        settles_document=settles,
    )


def bill(id_: str, balance: Number, due: int | None = 10, vendor: str | None = "v1") -> OpenBill:
    due_date = None if due is None else day(due)
    return OpenBill(id_, vendor, f"Vendor {vendor}", Decimal(balance), "USD", day(-20), due_date)


def invoice(id_: str, balance: Number, due: int | None = 10, customer: str | None = "c1") -> OpenInvoice:
    due_date = None if due is None else day(due)
    return OpenInvoice(id_, customer, f"Customer {customer}", Decimal(balance), "USD", day(-20), due_date)


def known(id_: str, amount: Number, on: int, label: str = "announced") -> KnownItem:
    return KnownItem(id_, label, day(on), Decimal(amount))


def settled(
    id_: str, due: int, late: int, amount: Number = 100, party: str | None = "c1", *, written_off: bool = False
) -> Settlement:
    return Settlement(id_, party, day(due - 30), day(due), day(due + late), Decimal(amount), written_off=written_off)


def books(
    cash: Number = 10_000,
    *,
    bills: tuple[OpenBill, ...] = (),
    invoices: tuple[OpenInvoice, ...] = (),
    movements: tuple[Movement, ...] = (),
    items: tuple[KnownItem, ...] = (),
    policy: Policy | None = None,
) -> Books:
    return Books(
        currency="USD",
        cash=CashPosition((account(cash),)),
        bills=bills,
        invoices=invoices,
        movements=movements,
        known_items=items,
        bill_settlements=(),
        invoice_settlements=(),
        policy=policy or Policy(),
    )


def habits_of(given: Books) -> Habits:
    return learn_habits(given, TODAY)


def projected(given: Books) -> Projection:
    return project(given, habits_of(given))


def quarter(total_out: Number, total_in: Number) -> tuple[Movement, ...]:
    """91 days with the given totals, spread evenly over 91 different days and counterparties."""
    per_day = ((-Decimal(total_out) / 91, "out"), (Decimal(total_in) / 91, "in"))
    return tuple(
        moved(f"{name}{offset}", day(-offset), amount, party=f"{name}{offset}")
        for amount, name in per_day
        for offset in range(91)
        if amount
    )
