"""The calculators, fed once: every figure of one moment comes from the same books, policy and decisions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from calculators import inputs
from calculators.cash import Cash, count_cash
from calculators.habits import Habits, learn_habits
from calculators.impact import ImpactTable
from calculators.inputs import CalculatorError, MissingInput, MixedCurrencies
from calculators.planner import Plan, plan_payments
from calculators.projection import Projection, project
from calculators.runway import Runway, calculate_runway
from domains.accounts import CashRole
from domains.bills import Bill
from domains.decisions import Decision, Phase
from domains.freshness import Freshness, Group
from domains.issues.ledger import home_open
from domains.known_items import KnownItem, SetAside
from domains.moving import Movement
from domains.payments import Settlement
from domains.policy import Policy
from orchestrators.results.basis import Condition, Link, Unknown
from orchestrators.shelf import Shelf

T = TypeVar("T")

COMMITTED = frozenset({Phase.APPROVED, Phase.HANDED_OFF, Phase.STALE})
SOURCES = {
    "BillPayment": inputs.MovementSource.BILL_PAYMENT,
    "Purchase": inputs.MovementSource.PURCHASE,
    "Payment": inputs.MovementSource.PAYMENT,
    "Deposit": inputs.MovementSource.DEPOSIT,
    "Transfer": inputs.MovementSource.TRANSFER,
    "JournalEntry": inputs.MovementSource.JOURNAL_ENTRY,
    "SalesReceipt": inputs.MovementSource.SALES_RECEIPT,
    "RefundReceipt": inputs.MovementSource.REFUND,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What people of this business said, as far as it moves a figure. `decisions` are the live ones by bill."""

    policy: Policy
    decisions: Mapping[str, Decision]
    tiers: Mapping[str, int]
    known_items: tuple[KnownItem, ...]
    set_asides: tuple[SetAside, ...]


@dataclass(frozen=True)
class Reckoning:
    """Each part is a value or the named reason why there is none. Without slots: the plan is kept once asked for."""

    books: inputs.Books
    cash: Cash | Condition
    habits: Habits | Condition
    projection: Projection | Condition
    runway: Runway | Condition
    impacts: ImpactTable | Condition

    @property
    def available(self) -> Decimal | None:
        return self.cash.available if isinstance(self.cash, Cash) else None

    @cached_property
    def plan(self) -> Plan | Condition:
        return (
            plan_payments(self.books, self.projection) if isinstance(self.projection, Projection) else self.projection
        )


def reckon(shelf: Shelf, choices: Choices, today: date) -> Reckoning:
    books = books_of(shelf, choices, today)
    missing = _missing(shelf)
    if missing is not None:
        return Reckoning(books, missing, missing, missing, missing, missing)
    cash = _attempt(lambda: count_cash(books))
    habits = _attempt(lambda: learn_habits(books, today))
    projection = habits if isinstance(habits, Condition) else _attempt(lambda: project(books, habits))
    if isinstance(projection, Condition):
        return Reckoning(books, cash, habits, projection, projection, projection)
    below = projection.committed.first_below_floor
    runway = _attempt(lambda: calculate_runway(books, today, first_below_floor=below))
    return Reckoning(books, cash, habits, projection, runway, ImpactTable(books, projection))


def _attempt(compute: Callable[[], T]) -> T | Condition:
    try:
        return compute()
    except MixedCurrencies as error:
        return Condition(Unknown.MISSING_RATE, error.found)
    except MissingInput as error:
        return Condition(Unknown.MISSING_SET, error.name)
    except CalculatorError as error:
        return Condition(Unknown.MISSING_SET, str(error))


def _missing(shelf: Shelf) -> Condition | None:
    """Books that were never read, or that hold no bank account to count, have no figures at all."""
    if shelf.sync.link is Link.NEVER:
        return Condition(Unknown.NOT_CONNECTED)
    unread = [line.group for line in shelf.freshness.groups if line.state is Freshness.NEVER]
    if unread:
        return Condition(Unknown.NEVER_SYNCED, unread[0])
    has_bank = any(account.role is CashRole.BANK for account in shelf.balances.accounts)
    return None if has_bank else Condition(Unknown.EMPTY_BOOKS, "bank accounts")


def books_of(shelf: Shelf, choices: Choices, today: date) -> inputs.Books:
    """A set that was never read is None, so that no calculator takes it for empty."""
    unread = {line.group for line in shelf.freshness.groups if line.state is Freshness.NEVER}
    cash = None if Group.BALANCES in unread else _position(shelf, choices)
    bills = None if Group.BILLS in unread else tuple(_bills(shelf, choices, today))
    invoices = None if Group.INVOICES in unread else tuple(_invoices(shelf))
    movements = None if Group.CASH in unread else tuple(map(movement_of, shelf.movements))
    return inputs.Books(
        currency=shelf.currency,
        cash=cash,
        bills=bills,
        invoices=invoices,
        movements=movements,
        known_items=tuple(map(_known_item, choices.known_items)),
        bill_settlements=tuple(map(_settlement, shelf.bill_settlements)),
        invoice_settlements=tuple(map(_settlement, shelf.invoice_settlements)),
        policy=policy_of(choices.policy),
    )


def policy_of(policy: Policy) -> inputs.Policy:
    days = tuple(day - 1 for day in policy.pay_days)
    return inputs.Policy(floor_cash=policy.floor_cash, floor_days=policy.floor_days, pay_days=days)


def _position(shelf: Shelf, choices: Choices) -> inputs.CashPosition:
    """An account with a known home balance is counted in the home currency; one without a rate keeps its own."""
    accounts = [
        inputs.CashAccount(one.account_id, one.name, inputs.AccountKind(one.role), one.balance, one.currency)
        if one.home_balance is None
        else inputs.CashAccount(
            one.account_id, one.name, inputs.AccountKind(one.role), one.home_balance, shelf.currency
        )
        for one in shelf.balances.accounts
    ]
    asides = [inputs.SetAside(str(one.id), one.label, one.amount.amount) for one in choices.set_asides]
    return inputs.CashPosition(tuple(accounts), tuple(asides), tuple(_approved(shelf, choices)))


def _approved(shelf: Shelf, choices: Choices) -> Iterator[inputs.ApprovedPayment]:
    """Only while the books still show the bill open: once they show it paid, the cash itself is lower."""
    for decision in choices.decisions.values():
        bill = shelf.bills.get(decision.bill_id)
        if bill is None or decision.phase not in COMMITTED or decision.pay_on is None:
            continue
        amount = home_open(bill, shelf.currency)
        if amount is not None:
            yield inputs.ApprovedPayment(bill.id, bill.vendor_name or bill.id, amount, decision.pay_on)


def _bills(shelf: Shelf, choices: Choices, today: date) -> Iterator[inputs.OpenBill]:
    for bill in shelf.bills.values():
        decision = choices.decisions.get(bill.id)
        tier = choices.tiers.get(bill.vendor_id or "")
        yield inputs.OpenBill(
            id=bill.id,
            vendor_id=bill.vendor_id,
            vendor_name=bill.vendor_name or "",
            balance=bill.balance,
            currency=bill.currency,
            txn_date=bill.txn_date,
            due_date=bill.due_date,
            tier=inputs.Tier(tier) if tier else None,
            discount=_discount(bill, shelf, today),
            planned=decision.pay_on if decision and decision.phase in COMMITTED else None,
            held_until=decision.held_until if decision and decision.phase is Phase.HELD else None,
            account_names=tuple(line.account_name for line in bill.lines if line.account_name),
            rate=bill.exchange_rate,
        )


def _discount(bill: Bill, shelf: Shelf, today: date) -> inputs.EarlyDiscount | None:
    term = shelf.terms.get(bill.term_id or bill.vendor_term_id or "")
    if term is None or not term.discount_percent or term.discount_days is None or bill.txn_date is None:
        return None
    until = bill.txn_date + timedelta(days=term.discount_days)
    return inputs.EarlyDiscount(term.discount_percent, until) if until >= today else None


def _invoices(shelf: Shelf) -> Iterator[inputs.OpenInvoice]:
    for invoice in shelf.invoices.values():
        yield inputs.OpenInvoice(
            id=invoice.id,
            customer_id=invoice.customer_id,
            customer_name=invoice.customer_name or "",
            balance=invoice.balance,
            currency=invoice.currency,
            txn_date=invoice.txn_date,
            due_date=invoice.due_date,
            rate=invoice.exchange_rate,
        )


def movement_of(one: Movement) -> inputs.Movement:
    return inputs.Movement(
        id=one.id,
        on=one.date,
        amount=one.amount,
        kind=inputs.MovementKind(one.kind),
        source=SOURCES[one.entity],
        party_id=one.party_id,
        party_name=one.party_name,
        account_id=one.counter_account_id,
        account_name=one.counter_account_name,
        settles_document=one.settles_document,
    )


def _known_item(one: KnownItem) -> inputs.KnownItem:
    cadence = inputs.Cadence(one.repeat) if one.repeat else None
    return inputs.KnownItem(str(one.id), one.label, one.on, one.amount.amount, cadence, one.until)


def _settlement(one: Settlement) -> inputs.Settlement:
    return inputs.Settlement(one.id, one.party_id, one.issued, one.due, one.closed, one.amount, one.written_off)
