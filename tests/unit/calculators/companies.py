"""Two years of books of two dozen made-up companies of different character, to try forecasts on.

They are drawn from fixed seeds and know nothing of the calculators: every habit the calculators should learn (rhythms,
lateness, seasons, losses, growth) is acted out here day by day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from math import pi, sin
from random import Random

from calculators.inputs import Movement, MovementKind, MovementSource, Policy
from calculators.replay import DatedBooks, DatedDocument, Part

FIRST = date(2024, 1, 1)
DAYS = 730
LAST = FIRST + timedelta(days=DAYS - 1)
# The band's one fitted constant was fitted on seeds below 100.
FIRST_SEED = 100


@dataclass(frozen=True, slots=True)
class Character:
    """Money per month; shares of it. `invoiced`: how much of the sales goes through invoices.

    `stragglers`: share of the invoices paid that come in a month to half a year late, whoever owes them.
    """

    name: str
    sales: int = 60_000
    invoiced: float = 0.5
    customers: int = 12
    terms: int = 30
    late: float = 6.0
    late_spread: float = 8.0
    lost: float = 0.01
    stragglers: float = 0.0
    season: float = 0.0
    growth: float = 0.0
    noise: float = 0.3
    payroll: str = "biweekly"
    payroll_share: float = 0.32
    supplies_share: float = 0.30
    supplier_terms: int = 30
    pays_late: float = 2.0
    rent_by_bill: bool = False
    loan: int = 0
    draw: int = 0
    odd: float = 0.08
    cash_weeks: float = 6.0


CHARACTERS = (
    Character("agency", invoiced=1.0, customers=8),
    Character("agency with slow customers", invoiced=1.0, customers=10, late=20, late_spread=18),
    Character("café", invoiced=0.0, sales=35_000, supplier_terms=14, payroll="weekly"),
    Character("shop", invoiced=0.1, sales=50_000, season=0.25),
    Character("builder", invoiced=1.0, customers=4, terms=45, noise=0.7, sales=90_000),
    Character("wholesaler", invoiced=0.95, customers=30, supplies_share=0.55, payroll_share=0.15, sales=200_000),
    Character("growing software firm", invoiced=0.9, customers=40, growth=0.5, supplies_share=0.1, payroll_share=0.55),
    Character("shrinking printer", invoiced=0.8, growth=-0.3, pays_late=12),
    Character("garden centre", invoiced=0.2, season=0.5, sales=70_000),
    Character("dentist", invoiced=0.6, customers=40, terms=14, late=3, late_spread=5),
    Character("lawyer", invoiced=1.0, customers=15, late=12, draw=6000),
    Character("trucker", invoiced=0.9, customers=6, loan=4000, supplies_share=0.4, payroll_share=0.2),
    Character("landlord's agent", invoiced=0.7, customers=25, noise=0.1, terms=10, late=2, late_spread=3),
    Character("caterer", invoiced=0.6, noise=0.6, season=0.2, payroll="weekly"),
    Character("dealer on short terms", invoiced=0.5, terms=7, supplier_terms=7, supplies_share=0.5, payroll_share=0.2),
    Character("studio paid by project", invoiced=1.0, customers=3, noise=0.8, terms=14, late=5),
    Character("clinic", invoiced=0.4, payroll="semi_monthly", payroll_share=0.5, supplies_share=0.15),
    Character("mechanic", invoiced=0.3, rent_by_bill=True, pays_late=6),
    Character("nursery school", invoiced=0.9, customers=35, terms=7, noise=0.1, payroll="monthly", payroll_share=0.55),
    Character("importer", invoiced=0.8, customers=10, supplier_terms=60, supplies_share=0.5, payroll_share=0.15),
    Character("consultant", invoiced=1.0, customers=2, sales=18_000, payroll_share=0.0, supplies_share=0.05, draw=9000),
    Character("restaurant", invoiced=0.05, sales=110_000, payroll="biweekly", supplier_terms=10, rent_by_bill=True),
    Character("manufacturer", invoiced=0.95, customers=18, sales=250_000, loan=7000, late=9),
    Character("farm shop with bad payers", invoiced=0.5, lost=0.08, late=15, late_spread=15, season=0.35),
    Character("repair shop whose bills are forgotten", invoiced=0.9, customers=20, lost=0.05, stragglers=0.15),
    Character("supplier of schools", invoiced=1.0, customers=12, stragglers=0.3, late=10, cash_weeks=10.0),
)


class Company:
    """Lives two years; everything that happens is written to the three lists."""

    def __init__(self, character: Character, seed: int) -> None:
        self.is_ = character
        self.rng = Random(seed)
        self.movements: list[Movement] = []
        self.bills: list[DatedDocument] = []
        self.invoices: list[DatedDocument] = []
        self.card_debt = 0.0
        shares = [self.rng.uniform(0.3, 1) for _ in range(character.customers)]
        self.customers = [
            (share / sum(shares), self.rng.randint(1, 28), self.rng.gauss(character.late, character.late_spread / 2))
            for share in shares
        ]
        self.subscriptions = [(self.rng.randint(1, 28), self.rng.uniform(30, 400)) for _ in range(4)]
        self.next_payroll = FIRST + timedelta(days=self.rng.randint(2, 12))

    def live(self) -> DatedBooks:
        for offset in range(DAYS):
            today = FIRST + timedelta(days=offset)
            level = self.level(offset)
            self.sell(today, level)
            self.buy(today, level)
            self.pay_people(today, level)
            self.pay_the_rest(today, level)
        movements = tuple(sorted((one for one in self.movements if one.on <= LAST), key=lambda one: (one.on, one.id)))
        opening = Decimal(round(self.is_.sales * self.is_.cash_weeks * 7 / 30))
        moved = sum((one.amount for one in movements), Decimal(0))
        bills = tuple(cut(one) for one in self.bills)
        invoices = tuple(cut(one) for one in self.invoices)
        return DatedBooks("USD", FIRST, LAST, opening + moved, movements, bills, invoices, Policy())

    def level(self, offset: int) -> float:
        return (1 + self.is_.growth * offset / 365) * (1 + self.is_.season * sin(2 * pi * offset / 365))

    def sell(self, today: date, level: float) -> None:
        over_the_counter = self.is_.sales * (1 - self.is_.invoiced) * level / 26
        if over_the_counter and today.weekday() < 6:
            busy = 1.4 if today.weekday() in (4, 5) else 0.84
            amount = over_the_counter * busy * max(0.1, self.rng.gauss(1, self.is_.noise))
            self.move(today, amount, MovementSource.SALES_RECEIPT, None, "Sales")
        for number, (share, billing_day, late) in enumerate(self.customers):
            if today.day == billing_day and self.rng.random() < 0.92:
                amount = (
                    self.is_.sales * self.is_.invoiced * level * share * max(0.1, self.rng.gauss(1, self.is_.noise))
                )
                if amount > 1:
                    self.bill_customer(today, f"c{number}", amount, late)

    def bill_customer(self, today: date, customer: str, amount: float, late: float) -> None:
        due = today + timedelta(days=self.is_.terms)
        owed, id_ = money(amount), f"invoice{len(self.invoices)}"
        invoice = DatedDocument(id_, customer, customer, today, due, owed)
        if self.rng.random() < self.is_.lost:
            invoice = replace(invoice, written_off=due + timedelta(days=self.rng.randint(100, 170)))
        else:
            paid = workday(due + timedelta(days=self.lateness(late)))
            first = money(amount * self.rng.uniform(0.3, 0.7)) if self.rng.random() < 0.1 else owed
            parts = [Part(paid, first)] + (
                [Part(workday(paid + timedelta(days=14)), owed - first)] if first < owed else []
            )
            invoice = replace(invoice, payments=tuple(parts))
            for part in parts:
                self.move(part.on, float(part.amount), MovementSource.PAYMENT, customer, "Receivables", settles=True)
        self.invoices.append(invoice)

    def lateness(self, usual: float) -> int:
        if self.is_.stragglers and self.rng.random() < self.is_.stragglers:
            return min(180, round(30 * self.rng.paretovariate(1.2)))
        return max(1 - self.is_.terms, round(self.rng.gauss(usual, self.is_.late_spread / 2)))

    def buy(self, today: date, level: float) -> None:
        for number in range(6):
            if self.rng.random() < 2 / 30:
                amount = (
                    self.is_.sales * self.is_.supplies_share * level / 12 * max(0.1, self.rng.gauss(1, self.is_.noise))
                )
                self.enter_bill(today, f"v{number}", amount, self.is_.supplier_terms, "Supplies")
        if today.day == 6:
            self.enter_bill(today, "power", self.is_.sales * 0.015 * max(0.3, self.rng.gauss(1, 0.2)), 15, "Utilities")
        if self.is_.rent_by_bill and today.day == 22:
            self.enter_bill(today, "landlord", self.is_.sales * 0.07, 10, "Rent")

    def enter_bill(self, today: date, vendor: str, amount: float, terms: int, category: str) -> None:
        due = today + timedelta(days=terms)
        entered = today + timedelta(days=self.rng.choice((0, 0, 1, 3)))
        target = max(due + timedelta(days=max(-3, round(self.rng.gauss(self.is_.pays_late, 2)))), entered)
        paid = target + timedelta(days=min((1 - target.weekday()) % 7, (3 - target.weekday()) % 7))
        part = Part(paid, money(amount))
        id_ = f"bill{len(self.bills)}"
        self.bills.append(
            DatedDocument(id_, vendor, vendor, today, due, part.amount, (part,), entered, account_names=(category,))
        )
        self.move(paid, -amount, MovementSource.BILL_PAYMENT, vendor, "Payables", settles=True)

    def pay_people(self, today: date, level: float) -> None:
        base = self.is_.sales * self.is_.payroll_share * (1 + self.is_.growth * (today - FIRST).days / 365)
        per_month = {"weekly": 52 / 12, "biweekly": 26 / 12, "semi_monthly": 2, "monthly": 1}[self.is_.payroll]
        if base and self.is_payday(today):
            self.move(today, -base / per_month * self.rng.gauss(1, 0.04), MovementSource.JOURNAL_ENTRY, None, "Wages")
        if base and today.day == 15:
            self.move(workday(today), -base * 0.15, MovementSource.PURCHASE, "revenue", "Payroll tax")
        if today.day == 15 and today.month in (1, 4, 7, 10):
            self.move(workday(today), -self.is_.sales * level * 0.09, MovementSource.PURCHASE, "treasury", "Income tax")

    def is_payday(self, today: date) -> bool:
        if self.is_.payroll == "semi_monthly":
            return today.day == 15 or (today + timedelta(days=1)).day == 1
        if self.is_.payroll == "monthly":
            return today.day == 26
        due = today == self.next_payroll
        if due:
            self.next_payroll += timedelta(days=7 if self.is_.payroll == "weekly" else 14)
        return due

    def pay_the_rest(self, today: date, level: float) -> None:
        if not self.is_.rent_by_bill and today.day == 1:
            self.move(workday(today), -self.is_.sales * 0.07, MovementSource.PURCHASE, "landlord", "Rent")
        for number, (on, amount) in enumerate(self.subscriptions):
            if today.day == on:
                self.spend(today, amount, f"subscription{number}", "Software", by_card=number < 2)
        if self.rng.random() < 0.35:
            amount = self.is_.sales * self.is_.odd * level / 10 * self.rng.expovariate(1)
            self.spend(today, amount, f"odd{self.rng.randint(1, 40)}", "Other", by_card=amount < 300)
        if today.day == 20 and self.card_debt:
            self.move(today, -self.card_debt, MovementSource.TRANSFER, None, "Card")
            self.card_debt = 0.0
        if self.is_.loan and today.day == 5:
            self.move(today, -self.is_.loan, MovementSource.PURCHASE, "bank", "Loan", kind=MovementKind.LOAN_PRINCIPAL)
            self.move(today, -self.is_.loan * 0.2, MovementSource.PURCHASE, "bank", "Interest")
        if self.is_.draw and today.day == 28:
            amount = self.is_.draw * self.rng.gauss(1, 0.1)
            self.move(today, -amount, MovementSource.JOURNAL_ENTRY, None, "Draw", kind=MovementKind.OWNER_DRAW)
        if self.rng.random() < 0.002:
            amount = self.is_.sales * self.rng.uniform(0.1, 0.3)
            self.move(today, -amount, MovementSource.PURCHASE, "dealer", "Equipment", kind=MovementKind.ONE_OFF)

    def spend(self, on: date, amount: float, party: str, category: str, *, by_card: bool) -> None:
        if by_card:
            self.card_debt += amount
        else:
            self.move(on, -amount, MovementSource.PURCHASE, party, category)

    def move(
        self,
        on: date,
        amount: float,
        source: MovementSource,
        party: str | None,
        category: str,
        *,
        kind: MovementKind = MovementKind.OPERATING,
        settles: bool = False,
    ) -> None:
        id_ = f"m{len(self.movements):05}"
        self.movements.append(Movement(id_, on, money(amount), kind, source, party, party, category, category, settles))


def money(amount: float) -> Decimal:
    return Decimal(round(amount * 100)) / 100


def workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def cut(document: DatedDocument) -> DatedDocument:
    """Without what happens after the last day."""
    gone = document.written_off is not None and document.written_off > LAST
    parts = tuple(part for part in document.payments if part.on <= LAST)
    return replace(document, payments=parts, written_off=None if gone else document.written_off)


def companies() -> Iterator[tuple[str, DatedBooks]]:
    for seed, character in enumerate(CHARACTERS, FIRST_SEED):
        yield character.name, Company(character, seed).live()
