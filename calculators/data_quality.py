"""How much of the open books can be trusted as they stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from calculators.inputs import ZERO

BALANCE_WEIGHT = Decimal("0.6")
COUNT_WEIGHT = Decimal("0.4")


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """One open bill or invoice, home currency. `unclean`: an undismissed issue of medium severity or above."""

    id: str
    balance: Decimal
    unclean: bool


@dataclass(frozen=True, slots=True)
class DataQuality:
    """`score` 0 … 100; None when nothing is open: there is nothing to be clean or unclean. Freshness is not part."""

    score: int | None
    clean_balance: Decimal
    open_balance: Decimal
    clean_ids: tuple[str, ...]
    unclean_ids: tuple[str, ...]


def measure_quality(records: Iterable[OpenRecord]) -> DataQuality:
    """round(100 · (0.6 · clean balance ÷ open balance + 0.4 · clean count ÷ open count)), halves to even.

    Balances count by size whatever their sign, so that a credit cannot hide a bill.
    """
    listed = list(records)
    clean = [record for record in listed if not record.unclean]
    clean_balance = sum((abs(record.balance) for record in clean), ZERO)
    open_balance = sum((abs(record.balance) for record in listed), ZERO)
    return DataQuality(
        score=_score(clean_balance, open_balance, len(clean), len(listed)),
        clean_balance=clean_balance,
        open_balance=open_balance,
        clean_ids=tuple(record.id for record in clean),
        unclean_ids=tuple(record.id for record in listed if record.unclean),
    )


def _score(clean_balance: Decimal, open_balance: Decimal, clean: int, total: int) -> int | None:
    if not open_balance:
        return None
    share = BALANCE_WEIGHT * clean_balance / open_balance + COUNT_WEIGHT * clean / total
    return int((100 * share).quantize(Decimal(1), ROUND_HALF_EVEN))
