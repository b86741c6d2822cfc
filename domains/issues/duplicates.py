"""Likely duplicates: the same vendor asking twice, each pair named once, in time that grows with the bills alone.

Compared are amounts in buckets 1 % of the larger wide: two amounts within 1 % lie in the same or in neighbouring
buckets, and any two of one bucket and sign match, so that a search ends at its first hit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import floor, log
from typing import NamedTuple

from domains.bills import Bill
from domains.issues.catalogue import RULES, Issue, IssueCode, RecordKey, RecordKind, Twin
from domains.issues.documents import facts_of
from domains.issues.ledger import Ledger, fingerprint, home_open
from domains.purchases import Purchase
from domains.twins import NEAR, ONE_PERCENT, plain
from kit.money import Money

WIDTH = -log(0.99)


class _Claim(NamedTuple):
    """A demand or a payment of one vendor. `bill` is set when it is open, so that it can carry the issue."""

    key: RecordKey
    party: str
    number: str | None
    amount: Decimal | None
    currency: str
    on: date | None
    bill: Bill | None

    @property
    def order(self) -> tuple[bool, date, tuple[int, str]]:
        """Settled ones first, then by age: of two, the later one in this order is the one to question."""
        return self.bill is not None, self.on or date.min, (len(self.key.qbo_id), self.key.qbo_id)


def find_duplicates(ledger: Ledger) -> Iterator[Issue]:
    """One issue per questioned bill, naming its nearest twin."""
    by_party: dict[tuple[str, str], list[_Claim]] = defaultdict(list)
    for claim in _claims(ledger):
        by_party[claim.party, claim.currency].append(claim)
    for claims in by_party.values():
        if len(claims) > 1:
            yield from (_issue(one, twin, ledger) for one, twin in _pairs(claims))


def _claims(ledger: Ledger) -> Iterator[_Claim]:
    for bill in ledger.bills:
        yield from _bill_claim(bill, bill)
    for bill in ledger.paid_bills:
        yield from _bill_claim(bill, None)
    for purchase in ledger.purchases:
        yield from _purchase_claim(purchase)


def _bill_claim(bill: Bill, open_bill: Bill | None) -> Iterator[_Claim]:
    if bill.vendor_id and not (bill.deleted or bill.voided):
        key = RecordKey(RecordKind.BILL, bill.id)
        number, amount = _number(bill.doc_number), _sized(bill.total)
        yield _Claim(key, bill.vendor_id, number, amount, bill.currency, bill.txn_date, open_bill)


def _purchase_claim(purchase: Purchase) -> Iterator[_Claim]:
    if purchase.party_id and not (purchase.deleted or purchase.refund):
        key = RecordKey(RecordKind.PURCHASE, purchase.id)
        number, amount = _number(purchase.doc_number), _sized(purchase.total)
        yield _Claim(key, purchase.party_id, number, amount, purchase.currency, purchase.date, None)


def _number(text: str | None) -> str | None:
    return plain(text or "") or None


def _sized(amount: Decimal | None) -> Decimal | None:
    """Nothing can be said of amounts of zero; a bill entered twice with a wrong sign is still entered twice."""
    return amount or None


def _pairs(claims: list[_Claim]) -> Iterator[tuple[_Claim, _Claim]]:
    numbers: dict[str, _Claim] = {}
    buckets: dict[int, list[_Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda one: one.order):
        bucket = None if claim.amount is None or claim.on is None else _bucket(claim.amount)
        if claim.bill is not None:
            twin = (claim.number and numbers.get(claim.number)) or _nearest(claim, bucket, buckets)
            if twin:
                yield claim, twin
        if claim.number:
            numbers.setdefault(claim.number, claim)
        if bucket is not None:
            buckets[bucket].append(claim)


def _bucket(amount: Decimal) -> int:
    return floor(log(abs(amount)) / WIDTH)


def _nearest(claim: _Claim, middle: int | None, buckets: dict[int, list[_Claim]]) -> _Claim | None:
    if middle is None:
        return None
    for bucket in (middle, middle - 1, middle + 1):
        for other in reversed(buckets.get(bucket, ())):
            if _alike(claim, other):
                return other
    return None


def _alike(one: _Claim, other: _Claim) -> bool:
    if one.amount is None or other.amount is None or one.on is None or other.on is None:
        return False
    near = abs(one.on - other.on) <= NEAR
    return near and abs(one.amount - other.amount) <= ONE_PERCENT * max(abs(one.amount), abs(other.amount))


def _issue(claim: _Claim, twin: _Claim, ledger: Ledger) -> Issue:
    bill = claim.bill
    if bill is None:
        raise ValueError(f"{claim.key} is settled and cannot be questioned")
    same_number = claim.number is not None and claim.number == twin.number
    named = Twin(twin.key, twin.number, Money(twin.amount or Decimal(0), twin.currency), twin.on, same_number)
    at_stake = home_open(bill, ledger.currency)
    return Issue(
        key=claim.key,
        code=IssueCode.LIKELY_DUPLICATE,
        severity=RULES[IssueCode.LIKELY_DUPLICATE].severity,
        blocks=RULES[IssueCode.LIKELY_DUPLICATE].blocks,
        at_stake=None if at_stake is None else abs(at_stake),
        judged=fingerprint("LIKELY_DUPLICATE", *_judged(claim), *_judged(twin)),
        due=bill.due_date,
        facts=replace(facts_of(bill, ledger), twin=named),
    )


def _judged(claim: _Claim) -> Iterable[object]:
    return claim.key.kind, claim.key.qbo_id, claim.number, claim.amount, claim.on
