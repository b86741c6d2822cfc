"""What the books say about the company itself: name, zone, home currency."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    zone: str | None
    home_currency: str
    multi_currency: bool
    book_close_date: date | None
