"""The short names of records: what people read on a card, type after a command, and quote to each other."""

import re

from domains.issues.catalogue import RecordKey, RecordKind
from orchestrators.results.basis import RecordRef

LETTERS: dict[RecordKind, str] = {
    RecordKind.BILL: "B",
    RecordKind.INVOICE: "I",
    RecordKind.PURCHASE: "E",
    RecordKind.VENDOR: "V",
    RecordKind.CUSTOMER: "C",
    RecordKind.ACCOUNT: "A",
    RecordKind.PAYMENT: "P",
    RecordKind.BILL_PAYMENT: "BP",
    RecordKind.CREDIT_MEMO: "CM",
    RecordKind.VENDOR_CREDIT: "VC",
    RecordKind.DEPOSIT: "D",
    RecordKind.TRANSFER: "T",
    RecordKind.JOURNAL_ENTRY: "J",
    RecordKind.SALES_RECEIPT: "SR",
    RecordKind.REFUND_RECEIPT: "RR",
    RecordKind.SYNC: "S",
}
KINDS = {letters: kind for kind, letters in LETTERS.items()}
LOOSE = re.compile(r"([A-Z]{1,2})\s?(\d\w{0,59})", re.ASCII)
SHAPE = re.compile(r"([A-Z]{1,2})-(\w{1,60})", re.ASCII)


def ref_of(kind: RecordKind, qbo_id: str) -> RecordRef:
    return RecordRef(kind, qbo_id, f"{LETTERS[kind]}-{qbo_id}")


def find_key(text: str) -> RecordKey | None:
    """Whatever a person typed; None when it has not the shape of a reference."""
    matched = SHAPE.fullmatch(text.strip().upper())
    if matched is None or matched[1] not in KINDS:
        return None
    prefix, start = matched[1], text.strip().index("-") + 1
    return RecordKey(KINDS[prefix], text.strip()[start:])


def guess_key(text: str) -> RecordKey | None:
    """A reference whose dash was left out, as phones make people write it: "b412", "B 412"."""
    matched = LOOSE.fullmatch(text.strip().upper())
    return find_key(f"{matched[1]}-{matched[2]}") if matched else None
