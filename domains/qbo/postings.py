"""What a cash document moved onto which account, and from where: one posting per line, exact to the cent.

No judgement about banks, loans or owners is made here; movements.py makes it when it reads, by the accounts of today.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from msgspec import Struct

from domains.documents import CashDoc, LineDoc, TransactionDoc, decode_transaction, every_line, id_of
from domains.mirror import Entity

CENT = Decimal("0.01")
ZERO = Decimal(0)
RECEIVED = frozenset({"Payment", "SalesReceipt", "RefundReceipt"})


class Posting(Struct, frozen=True, gc=False):
    """`amount` (document currency) went onto `account_id` from `counter_id`; negative means the other way."""

    entity: Entity
    qbo_id: str
    leg: int
    txn_date: date
    account_id: str
    amount: Decimal
    home_amount: Decimal
    currency: str | None
    counter_id: str | None
    party_id: str | None
    link_entity: str | None = None
    link_id: str | None = None
    settles: bool = False


class Leg(Struct, frozen=True, gc=False):
    """A posting before it meets its document: what the line alone says."""

    account_id: str | None
    amount: Decimal
    counter_id: str | None = None
    party_id: str | None = None
    link_entity: str | None = None
    link_id: str | None = None
    settles: bool = False


def postings_of(entity: Entity, qbo_id: str, cash: CashDoc, body: bytes) -> tuple[Posting, ...]:
    """`body` is read again only for the kinds that their lines split: raises `msgspec.DecodeError` if it cannot be."""
    document = decode_transaction(body) if entity in SPLIT else cash
    if document.txn_date is None:
        return ()
    rate = document.exchange_rate or Decimal(1)
    currency = id_of(document.currency_ref)
    return tuple(
        Posting(
            entity,
            qbo_id,
            number,
            document.txn_date,
            leg.account_id,
            leg.amount,
            (leg.amount * rate).quantize(CENT),
            currency,
            leg.counter_id,
            leg.party_id or _party(document),
            leg.link_entity,
            leg.link_id,
            leg.settles,
        )
        for number, leg in enumerate(_legs(entity, document))
        if leg.account_id and leg.amount
    )


def _legs(entity: Entity, document: CashDoc) -> Iterator[Leg]:
    return SPLIT[entity](document) if isinstance(document, TransactionDoc) else WHOLE[entity](document)


def _party(document: CashDoc) -> str | None:
    return id_of(document.vendor_ref or document.customer_ref or document.entity_ref)


def _bill_payment(document: CashDoc) -> Iterator[Leg]:
    check, card = document.check_payment, document.credit_card_payment
    account = id_of(check.bank_account_ref if check else card.c_c_account_ref if card else None)
    yield Leg(account, -_total(document), id_of(document.a_p_account_ref), settles=True)


def _payment(document: CashDoc) -> Iterator[Leg]:
    yield Leg(id_of(document.deposit_to_account_ref), _total(document), settles=True)


def _sales_receipt(document: CashDoc) -> Iterator[Leg]:
    yield Leg(id_of(document.deposit_to_account_ref), _total(document))


def _refund(document: CashDoc) -> Iterator[Leg]:
    yield Leg(id_of(document.deposit_to_account_ref), -_total(document))


def _transfer(document: CashDoc) -> Iterator[Leg]:
    amount = document.amount or ZERO
    yield Leg(id_of(document.to_account_ref), amount, id_of(document.from_account_ref))


def _purchase(document: TransactionDoc) -> Iterator[Leg]:
    sign = 1 if document.credit else -1
    account = id_of(document.account_ref)
    yield from _with_rest(document, account, sign * _total(document), _spent(document, account, sign))


def _spent(document: TransactionDoc, account: str | None, sign: int) -> Iterator[Leg]:
    for line in every_line(document.line):
        yield Leg(account, sign * (line.amount or ZERO), id_of(line.detail.account_ref))


def _deposit(document: TransactionDoc) -> Iterator[Leg]:
    account = id_of(document.deposit_to_account_ref)
    yield from _with_rest(document, account, _total(document), _deposited(document, account))


def _deposited(document: TransactionDoc, account: str | None) -> Iterator[Leg]:
    for line in every_line(document.line):
        yield _deposit_line(line, account)
    if document.cash_back:
        yield Leg(account, -document.cash_back.amount, id_of(document.cash_back.account_ref))


def _deposit_line(line: LineDoc, account: str | None) -> Leg:
    """A line that takes received money to the bank names the payment; any other names the account it comes from."""
    amount = line.amount or ZERO
    link = next((link for link in line.linked_txn if link.txn_type in RECEIVED), None)
    party = line.detail.entity.id if line.detail.entity else None
    if link is None:
        return Leg(account, amount, id_of(line.detail.account_ref), party)
    return Leg(account, amount, None, party, link.txn_type, link.txn_id, link.txn_type == "Payment")


def _with_rest(document: TransactionDoc, account: str | None, total: Decimal, legs: Iterator[Leg]) -> Iterator[Leg]:
    """Tax and rounding stand in no line: the rest makes the postings add up to what really moved."""
    posted = ZERO
    for leg in legs:
        posted += leg.amount
        yield leg
    if document.total_amt is not None:
        yield Leg(account, total - posted)


def _journal(document: TransactionDoc) -> Iterator[Leg]:
    """Debits matched with credits, the largest with the largest, so that each amount has one other side."""
    nets, parties = _nets(document)
    debits = sorted(((amount, account) for account, amount in nets.items() if amount > 0), key=_largest_first)
    owing = sorted(((-amount, account) for account, amount in nets.items() if amount < 0), key=_largest_first)
    while debits and owing:
        (debit, to), (credit, source) = debits[0], owing[0]
        amount = min(debit, credit)
        yield Leg(to, amount, source, parties.get(to) or parties.get(source))
        debits[:1] = [(debit - amount, to)] if debit > amount else []
        owing[:1] = [(credit - amount, source)] if credit > amount else []


def _nets(document: TransactionDoc) -> tuple[dict[str, Decimal], dict[str, str]]:
    nets: dict[str, Decimal] = defaultdict(lambda: ZERO)
    parties: dict[str, str] = {}
    for line in document.line:
        account = id_of(line.detail.account_ref)
        if account is None or line.amount is None:
            continue
        nets[account] += line.amount if line.detail.posting_type == "Debit" else -line.amount
        if line.detail.entity and line.detail.entity.id:
            parties.setdefault(account, line.detail.entity.id)
    return nets, parties


def _largest_first(side: tuple[Decimal, str]) -> tuple[Decimal, str]:
    return -side[0], side[1]


def _total(document: CashDoc) -> Decimal:
    return document.total_amt or ZERO


# One amount each: the lines say what it settles, not where it went.
WHOLE: dict[Entity, Callable[[CashDoc], Iterator[Leg]]] = {
    Entity.BILL_PAYMENT: _bill_payment,
    Entity.PAYMENT: _payment,
    Entity.SALES_RECEIPT: _sales_receipt,
    Entity.REFUND_RECEIPT: _refund,
    Entity.TRANSFER: _transfer,
}
# Split by their lines.
SPLIT: dict[Entity, Callable[[TransactionDoc], Iterator[Leg]]] = {
    Entity.PURCHASE: _purchase,
    Entity.DEPOSIT: _deposit,
    Entity.JOURNAL_ENTRY: _journal,
}
