"""What a person saw on a card, carried by its buttons, so that a click on a changed bill says old → new."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Self

from domains.bills import Bill
from domains.invoices import Invoice
from kit.errors import Outdated
from kit.money import Money
from orchestrators.results.basis import Change

CARD_HOLDS = timedelta(days=3)
UNREADABLE = "This card is from an older version of Runway. Nothing was done; here it is as it stands now."


@dataclass(frozen=True, slots=True)
class Seen:
    """`pay_on` and `breach` are the answer that the card showed on the day `drawn`; an invoice's card shows neither."""

    digest: str
    balance: Decimal
    currency: str
    due: date | None
    party: str
    pay_on: date | None = None
    breach: bool = False
    drawn: date | None = None

    @classmethod
    def of(
        cls, record: Bill | Invoice, *, pay_on: date | None = None, breach: bool = False, drawn: date | None = None
    ) -> Self:
        party = (record.vendor_id if isinstance(record, Bill) else record.customer_id) or ""
        return cls(
            record.digest, record.balance, record.currency, record.due_date, party, pay_on, breach=breach, drawn=drawn
        )

    def encode(self) -> str:
        due, pay_on, drawn = (day.isoformat() if day else "" for day in (self.due, self.pay_on, self.drawn))
        amount, breach = f"{self.balance.normalize():f}", "1" if self.breach else "0"
        return f"{self.digest}|{amount}|{self.currency}|{due}|{pay_on}|{breach}|{drawn}|{self.party}"

    @classmethod
    def decode(cls, text: str) -> Self:
        """Raises `Outdated` for anything that `encode` did not write."""
        try:
            digest, amount, currency, due, pay_on, breach, drawn, party = text.split("|", 7)
            days = [date.fromisoformat(day) if day else None for day in (due, pay_on, drawn)]
            return cls(digest, Decimal(amount), currency, days[0], party, days[1], breach == "1", days[2])
        except (ValueError, InvalidOperation) as error:
            raise Outdated(UNREADABLE) from error

    def expired(self, today: date) -> bool:
        """What was shown days ago is no ground to decide on, even where nothing is known to have changed."""
        return self.drawn is not None and today - self.drawn > CARD_HOLDS

    def changes_to(self, now: "Seen") -> tuple[Change, ...]:
        """Of the record itself; the answer is compared where it is computed."""
        pairs: list[tuple[str, object, object]] = [
            ("balance", Money(self.balance, self.currency), Money(now.balance, now.currency)),
            ("due", self.due, now.due),
            ("party", self.party, now.party),
        ]
        changed = tuple(Change(name, old, new) for name, old, new in pairs if old != new)
        if not changed and self.digest != now.digest:
            return (Change("lines", None, None),)
        return changed
