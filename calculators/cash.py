"""What is in the bank and how much of it is free: the numerator of every runway figure."""

from dataclasses import dataclass
from decimal import Decimal

from calculators.inputs import ZERO, AccountKind, Books, home_balance, required


@dataclass(frozen=True, slots=True)
class Cash:
    """`cash_book` is active bank accounts only; undeposited funds, cards and restricted accounts stand apart."""

    currency: str
    cash_book: Decimal
    undeposited: Decimal
    cards: Decimal
    restricted: Decimal
    set_aside: Decimal
    approved: Decimal

    @property
    def available(self) -> Decimal:
        return self.cash_book - self.set_aside - self.approved


def count_cash(books: Books) -> Cash:
    position = required(books.cash, "cash")
    totals = dict.fromkeys(AccountKind, ZERO)
    for account in position.accounts:
        totals[account.kind] += home_balance(account, books.currency)
    return Cash(
        currency=books.currency,
        cash_book=totals[AccountKind.BANK],
        undeposited=totals[AccountKind.UNDEPOSITED],
        cards=totals[AccountKind.CARD],
        restricted=totals[AccountKind.RESTRICTED],
        set_aside=sum((item.amount for item in position.set_aside), ZERO),
        approved=sum((item.amount for item in position.approved), ZERO),
    )
