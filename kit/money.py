"""Amounts that know their currency: exact, and unable to be added to another one by accident."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency

# Parsed once: babel would read it anew for every amount.
AMERICAN = Locale.parse("en_US")
CENT = Decimal("0.01")


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met where only one currency makes sense."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} cannot be combined without an exchange rate")


def _exact(number: Decimal | int) -> Decimal | int:
    if isinstance(number, bool) or not isinstance(number, (Decimal, int)):
        raise TypeError(f"money takes Decimal or int, not {type(number).__name__}")
    return number


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one ISO 4217 currency; nothing is rounded until `cents` is asked for.

    Ordering and arithmetic across currencies raise `CurrencyMismatch`; equality across currencies is simply false.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"money takes Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError(f"money must be finite, not {self.amount}")
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()):
            raise ValueError(f"{self.currency!r} is not an ISO 4217 currency code")

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * _exact(factor), self.currency)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Decimal | int) -> "Money":
        return Money(self.amount / _exact(divisor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def cents(self) -> "Money":
        """Rounded to two decimals, halves away from zero: what a person doing it by hand would write."""
        # Adding zero turns the "-0.00" of a tiny negative amount into "0.00".
        return Money(self.amount.quantize(CENT, ROUND_HALF_UP) + 0, self.currency)

    def _same(self, other: "Money") -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"money combines with money, not {type(other).__name__}")
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount


def sum_money(amounts: Iterable[Money], currency: str) -> Money:
    """The currency is asked for so that the sum of nothing is a zero of something."""
    total = Money.zero(currency)
    for amount in amounts:
        total += amount
    return total


def format_money(money: Money, *, locale: Locale | str = AMERICAN) -> str:
    """As in "$1,250.00", "CA$907.50", "-$1,250.00": two decimals also where a currency has no minor unit."""
    rounded = money.cents()
    return _formatted(str(rounded.amount), rounded.currency, locale)


@lru_cache(maxsize=4096)
def _formatted(amount: str, currency: str, locale: Locale | str) -> str:
    """The same amounts stand on many cards, and to format one takes several times as long as to find it."""
    return format_currency(Decimal(amount), currency, locale=locale, currency_digits=False)
