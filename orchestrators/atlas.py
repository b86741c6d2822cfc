"""A desk seen from one open record: its rank, its pay date, and what each choice does to the cash ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from calculators.habits import Habits
from calculators.impact import Choice, Impact, ImpactTable
from calculators.inputs import CalculatorError, OpenBill, OpenInvoice
from calculators.pay_days import planned_date
from calculators.priority import Priority, prioritise_bill, prioritise_invoice
from calculators.runway import NotEnoughHistory
from domains.bills import Bill
from domains.invoices import Invoice
from kit.money import Money
from orchestrators.desk import Desk
from orchestrators.reckoning import policy_of
from orchestrators.results import console as results
from orchestrators.results.basis import Condition
from orchestrators.results.console import Effect

HOLD_DAYS = 14


@dataclass(frozen=True, slots=True)
class Atlas:
    """A desk's open records as the calculators know them, by id, and the planner's date for each bill."""

    desk: Desk
    bills: Mapping[str, OpenBill]
    invoices: Mapping[str, OpenInvoice]
    best: Mapping[str, date]

    @classmethod
    def of(cls, desk: Desk, best: Mapping[str, date] | None = None) -> "Atlas":
        books = desk.reckoning.books
        bills = {bill.id: bill for bill in books.bills or ()}
        return cls(desk, bills, {one.id: one for one in books.invoices or ()}, best or {})

    def pay_on(self, bill: Bill) -> date:
        """The day an approval means unless another is chosen: the proposed one, else the best, else the planned one."""
        proposed = self.desk.proposed_day(bill.id)
        if proposed is not None:
            return proposed
        known = self.best.get(bill.id)
        if known is not None:
            return known
        plain = self.bills.get(bill.id)
        policy = policy_of(self.desk.rules)
        return planned_date(plain, self.desk.today, policy) if plain else self.desk.today

    def effects(self, bill: Bill) -> tuple[Effect, ...] | Condition:
        impacts, plain = self.desk.reckoning.impacts, self.bills.get(bill.id)
        if isinstance(impacts, Condition):
            return impacts
        if plain is None:
            return ()
        held = self.desk.today + timedelta(days=HOLD_DAYS)
        return tuple(self._effect(impact) for impact in impacts.choices(plain, best=self.pay_on(bill), hold_until=held))

    def effect_on(self, bill: Bill, day: date) -> Effect | Condition | None:
        """Of paying on a day of one's own choice; None for a bill that is not open any more."""
        impacts, plain = self.desk.reckoning.impacts, self.bills.get(bill.id)
        if isinstance(impacts, ImpactTable):
            return self._effect(impacts.impact(plain, Choice.BEST_DATE, day)) if plain else None
        return impacts

    def breach_on(self, bill: Bill, day: date) -> bool:
        """An unknown projection guards nothing: it asks for the owner's reason too."""
        effect = self.effect_on(bill, day)
        return effect.breach if isinstance(effect, Effect) else isinstance(effect, Condition)

    def bill_priority(self, bill: Bill) -> Priority | None:
        plain, available = self.bills.get(bill.id), self.desk.available
        if plain is None or available is None:
            return None
        try:
            return prioritise_bill(plain, self.desk.today, available=available, currency=self.desk.currency)
        except CalculatorError:  # no rate: the bill is ranked by its due date, and its card says why
            return None

    def invoice_priority(self, invoice: Invoice) -> Priority | None:
        plain, habits = self.invoices.get(invoice.id), self.desk.reckoning.habits
        if plain is None or not isinstance(habits, Habits):
            return None
        burn = habits.burn
        month = None if isinstance(burn, NotEnoughHistory) else 30 * burn.gross_burn
        try:
            return prioritise_invoice(
                plain, self.desk.today, customers=habits.customers, month_outflow=month, currency=self.desk.currency
            )
        except CalculatorError:
            return None

    def _effect(self, impact: Impact) -> Effect:
        currency, below = self.desk.currency, impact.first_below_floor
        guarded = max(impact.pay_on, self.desk.today) + timedelta(days=self.desk.rules.floor_days)
        return Effect(
            choice=results.Choice(impact.choice),
            on=impact.pay_on,
            low_water=Money(impact.low_water.amount, currency),
            low_water_on=impact.low_water.on,
            first_below_floor=below,
            cash_after=Money(impact.cash_after, currency),
            breach=below is not None and below <= guarded,
        )
