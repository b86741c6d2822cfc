"""Builds a character from a handful of traits: the size and temper of a business instead of its bookings."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import Decimal

from sandbox.books.build import Character, Stage
from sandbox.books.life import CHECKING, Person, Rhythm
from sandbox.books.people import pool
from sandbox.books.rhythms import (
    Bills,
    CardPayoff,
    Charges,
    Lateness,
    LoanPayment,
    Payroll,
    Transfers,
    VendorCredits,
    When,
    monthly,
    now_and_then,
    quarterly,
)
from sandbox.books.sales import FLAT, CreditMemos, DepositRun, Invoices, Takings

_ACCOUNTS = (
    "Cost of Goods Sold",
    "Subcontractors",
    "Supplies & Materials",
    "Repairs & Maintenance",
    "Advertising",
    "Shipping & Postage",
    "Office Expenses",
    "Equipment Rental",
    "Vehicle & Fuel",
)
_CARD_ACCOUNTS = ("Software & Hosting", "Travel", "Meals and Entertainment", "Office Expenses", "Vehicle & Fuel")
_INCOME = (Invoices, Takings)
_USUAL_CUSTOMER = Lateness(8, 7, split=0.05)
_USUAL_PAYER = Lateness(4, 4, split=0.03)


@dataclass(frozen=True, slots=True)
class Traits:
    """Amounts are dollars a month unless they say otherwise; 0 means there is none of it.

    `margin`: what income exceeds spending by, on average; income is scaled to it. None leaves income as given.
    """

    key: str
    name: str
    industry: str
    cash: str | None = None
    history_days: int = 548
    retainers: int = 0
    retainer: float = 0
    projects: int = 0
    project: float = 0
    projects_each: float = 0.25
    customer_terms: tuple[str, ...] = ("Net 30",)
    customer_late: Lateness = _USUAL_CUSTOMER
    unpaid_share: float = 0.0
    takings: float = 0
    receipts: bool = False
    open_days: tuple[float, ...] = (0.8, 0.8, 0.9, 1.0, 1.4, 1.6, 0.0)
    season: tuple[float, ...] = FLAT
    margin: float | None = 0.02
    vendors: int = 12
    bill: float = 800
    bills_each: float = 0.8
    vendor_terms: tuple[str, ...] = ("Net 15", "Net 30")
    vendor_late: Lateness = _USUAL_PAYER
    payroll: float = 0
    payroll_weekly: bool = False
    payroll_provider: bool = False
    rent: float = 0
    loan: float = 0
    draws: float = 0
    taxes_quarterly: float = 0
    card: float = 0
    currencies: tuple[tuple[str, str], ...] = ()
    stage: Stage | None = None
    asleep_days: int = 0
    first_id: int = 0
    extra_fields: bool = False


def character(traits: Traits, seed: int) -> Character:
    """The same traits and seed always give the same character."""
    luck = random.Random(f"{traits.key}:{seed}")
    currencies = ("USD", *(code for code, _ in traits.currencies))
    vendors = pool("vendor", traits.vendors, luck, terms=traits.vendor_terms, currencies=currencies)
    customers = pool(
        "customer", traits.retainers + traits.projects, luck, terms=traits.customer_terms, currencies=currencies
    )
    landlord = Person("Alder Street Properties", "rent@alder.example", "Net 10")
    payer = Person("Gusto Payroll")
    costs = [*_costs(traits, vendors, luck), *_fixed(traits)]
    income = _scaled(_income(traits, customers, luck), costs, traits.margin)
    return Character(
        key=traits.key,
        name=traits.name,
        industry=traits.industry,
        history_days=traits.history_days,
        rhythms=(*income, *costs),
        vendors=(*vendors, landlord, payer),
        customers=customers,
        cash=traits.cash,
        opening=(("Equipment Loan", str(-traits.loan)),) if traits.loan else (),
        currencies=traits.currencies,
        stage=traits.stage,
        asleep_days=traits.asleep_days,
        first_id=traits.first_id,
        extra_fields=traits.extra_fields,
    )


def _scaled(income: list[Rhythm], costs: list[Rhythm], margin: float | None) -> list[Rhythm]:
    """Income whose long-run average covers the costs: books must not drift into the absurd."""
    earned = sum(_monthly(rhythm) for rhythm in income)
    if margin is None or not earned:
        return income
    factor = sum(_monthly(rhythm) for rhythm in costs) * (1 + margin) / earned
    return [
        replace(rhythm, value=f"{float(rhythm.value) * factor:.2f}") if isinstance(rhythm, _INCOME) else rhythm
        for rhythm in income
    ]


def _monthly(rhythm: Rhythm) -> float:
    """Average cash per month that a rhythm moves in or out of the business."""
    average = 0.0
    match rhythm:
        case Bills(value=value, when=when) | Transfers(value=value, when=when):
            average = float(value) * when.per_month()
        case Charges(value=value, when=when, source=source) if source != "Tax Savings":
            average = float(value) * when.per_month()
        case Payroll(wages=wages, when=when):
            average = float(wages) * 1.0765 * when.per_month()
        case LoanPayment(instalment=instalment):
            average = float(instalment)
        case Invoices(value=value, when=when, season=season, never=never):
            average = float(value) * when.per_month() * sum(season) / 12 * (1 - never)
        case Takings(value=value, weekdays=weekdays, season=season):
            average = float(value) * sum(weekdays) * 52 / 12 * sum(season) / 12
        case _:
            pass
    return average


def _money(value: float, luck: random.Random) -> str:
    return str(Decimal(str(value * luck.uniform(0.55, 1.5))).quantize(Decimal("0.01")))


def _income(traits: Traits, customers: tuple[Person, ...], luck: random.Random) -> list[Rhythm]:
    rhythms: list[Rhythm] = []
    for index, customer in enumerate(customers):
        retained = index < traits.retainers
        late = Lateness(
            traits.customer_late.mean * luck.uniform(0.3, 1.8), traits.customer_late.spread, traits.customer_late.split
        )
        value = _money(traits.retainer if retained else traits.project, luck)
        when = monthly(1 + index % 3) if retained else now_and_then(traits.projects_each)
        rhythms.append(
            Invoices(
                customer.name,
                "Retainer" if retained else "Consulting",
                value,
                when,
                0.0 if retained else 0.4,
                late=late,
                season=traits.season,
                never=traits.unpaid_share,
            )
        )
    if customers:
        rhythms.append(CreditMemos(customers[-1].name, "120.00", now_and_then(0.05), item="Goods"))
    if traits.takings:
        rhythms.append(
            Takings(str(round(traits.takings / 27, 2)), traits.open_days, traits.season, receipts=traits.receipts)
        )
    return [*rhythms, DepositRun(When(weekday=1)), DepositRun(When(weekday=4))]


def _costs(traits: Traits, vendors: tuple[Person, ...], luck: random.Random) -> list[Rhythm]:
    rhythms: list[Rhythm] = []
    for index, vendor in enumerate(vendors):
        account = _ACCOUNTS[index % len(_ACCOUNTS)]
        often = traits.bills_each * luck.uniform(0.5, 1.6)
        rhythms.append(
            Bills(
                vendor.name,
                account,
                _money(traits.bill, luck),
                now_and_then(often),
                0.45,
                late=traits.vendor_late,
                number=f"{vendor.name[:2].upper()}-" if index % 4 else "",
            )
        )
    if vendors:
        rhythms.append(VendorCredits(vendors[0].name, _ACCOUNTS[0], "85.00", now_and_then(0.1)))
    return rhythms


def _fixed(traits: Traits) -> list[Rhythm]:
    rhythms: list[Rhythm] = []
    if traits.payroll:
        share, when = (52, When(weekday=4)) if traits.payroll_weekly else (24, monthly(15, -1))
        provider = "Gusto Payroll" if traits.payroll_provider else None
        rhythms.append(Payroll(str(round(traits.payroll * 12 / share, 2)), when, provider))
    if traits.rent:
        rhythms.append(
            Bills(
                "Alder Street Properties",
                "Rent or Lease",
                str(traits.rent),
                monthly(20),
                text="Rent",
                number="R",
                late=Lateness(1, 1),
            )
        )
    if traits.loan:
        rhythms.append(LoanPayment("Alder Street Properties", str(round(traits.loan / 40, 2)), "0.075", monthly(10)))
    if traits.draws:
        rhythms.append(Charges(None, "Owner's Draw", str(traits.draws), monthly(5), source=CHECKING, text="Owner draw"))
    if traits.taxes_quarterly:
        rhythms += [
            Transfers(CHECKING, "Tax Savings", str(round(traits.taxes_quarterly / 3, 2)), monthly(16)),
            Charges(None, "Taxes & Licenses", str(traits.taxes_quarterly), quarterly(15), 0.04, "Tax Savings"),
        ]
    if traits.card:
        rhythms += [
            Charges(None, account, str(round(traits.card / len(_CARD_ACCOUNTS), 2)), now_and_then(1.0), 0.5)
            for account in _CARD_ACCOUNTS
        ]
        rhythms.append(CardPayoff(monthly(22), as_purchase=True))
    return rhythms
