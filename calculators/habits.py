"""What the past of these books teaches, learned once per day and shared by everything computed for that day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from calculators.baseline import Series, learn_baseline, list_recent
from calculators.inputs import HORIZON_DAYS, Books, required
from calculators.lateness import Collection, Lateness, learn_collection, learn_lateness, settled_share_by_day
from calculators.runway import Burn, NotEnoughHistory, burn_over, count_days_known
from calculators.trend import Irregular, split_irregular


@dataclass(frozen=True, slots=True)
class Habits:
    """`irregular` is None when the history is too short for a pace.

    `series` are recurring outflows of any kind, and recurring income that came without an invoice: what invoices bring
    is forecast from the invoices.
    """

    as_of: date
    burn: Burn | NotEnoughHistory
    series: tuple[Series, ...]
    irregular: Irregular | None
    vendors: Lateness
    customers: Lateness
    collection: Collection
    bill_delay: tuple[Decimal, ...]
    invoice_delay: tuple[Decimal, ...]


def learn_habits(books: Books, as_of: date) -> Habits:
    movements = required(books.movements, "movements")
    paid = required(books.bill_settlements, "bill settlements")
    collected = required(books.invoice_settlements, "invoice settlements")
    recent = list_recent(movements, as_of)
    burn = burn_over(count_days_known(movements, as_of), recent, as_of)
    series = tuple(one for one in learn_baseline(recent, as_of) if one.amount < 0 or not one.billed)
    return Habits(
        as_of=as_of,
        burn=burn,
        series=series,
        irregular=None if isinstance(burn, NotEnoughHistory) else split_irregular(burn, series),
        vendors=learn_lateness(paid, as_of),
        customers=learn_lateness(collected, as_of),
        collection=learn_collection(collected, required(books.invoices, "invoices"), as_of),
        bill_delay=settled_share_by_day(paid, as_of, HORIZON_DAYS),
        invoice_delay=settled_share_by_day(collected, as_of, HORIZON_DAYS),
    )
