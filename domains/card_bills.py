"""Bills that were paid by card: they cost cash when the card is paid off, and that payment is told by whom it was for.

Told as one sum, a usual card payment would count each of these bills a second time beside the bill itself.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from domains.accounts import Account
from domains.moving import Movement

CENT = Decimal("0.01")
# A charge's statement and the day that asks for lie behind it by then.
WAITS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CardBill:
    """A bill payment that was charged to a card: `amount` in the home currency, `payable` the account of the bill."""

    on: date
    payment_id: str
    card_id: str
    amount: Decimal
    vendor_id: str | None
    vendor_name: str | None
    payable: Account | None


def tell_apart(movements: Iterable[Movement], bills: Iterable[CardBill]) -> Iterator[Movement]:
    """Card payments, oldest first, as a part per bill that was charged before them, and what is left of them.

    The parts add up to the payment. A bill waits for the next payment of its card, what is too small leaves the rest
    of it waiting, and after 90 days it waits no more.
    """
    waiting = _by_card(bills)
    for movement in movements:
        queue = waiting.get(movement.counter_account_id or "")
        if queue is None or movement.amount > 0:
            yield movement
        else:
            yield from _parts(movement, queue)


def _by_card(bills: Iterable[CardBill]) -> Mapping[str, deque[CardBill]]:
    cards: dict[str, deque[CardBill]] = {}
    for bill in sorted(bills, key=lambda bill: (bill.on, bill.payment_id)):
        cards.setdefault(bill.card_id, deque()).append(bill)
    return cards


def _parts(payment: Movement, queue: deque[CardBill]) -> Iterator[Movement]:
    left = payment
    while queue and queue[0].on <= payment.date and left.amount:
        bill = queue.popleft()
        if payment.date - bill.on > WAITS:
            continue
        amount = min(bill.amount, -left.amount)
        if amount < bill.amount:
            queue.appendleft(replace(bill, amount=bill.amount - amount))
        part = _part(payment, bill, amount)
        left = replace(left, amount=left.amount + amount, account_amount=left.account_amount - part.account_amount)
        yield part
    if left.amount:
        yield left


def _part(payment: Movement, bill: CardBill, amount: Decimal) -> Movement:
    return replace(
        payment,
        id=f"{payment.id}:{bill.payment_id}",
        amount=-amount,
        account_amount=(payment.account_amount * amount / -payment.amount).quantize(CENT),
        party_id=bill.vendor_id,
        party_name=bill.vendor_name,
        counter_account_id=bill.payable.id if bill.payable else None,
        counter_account_name=bill.payable.full_name if bill.payable else None,
        settles_document=True,
    )
