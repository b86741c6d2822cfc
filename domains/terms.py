"""Payment terms, for due dates that were never set and discounts about to lapse."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Term:
    """STANDARD: `due_days` and `discount_days` after the transaction date. DATE_DRIVEN: days of a month."""

    id: str
    name: str
    active: bool
    due_days: int | None
    discount_days: int | None
    discount_percent: Decimal | None
    day_of_month_due: int | None
    due_next_month_days: int | None
    discount_day_of_month: int | None
