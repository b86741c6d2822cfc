"""From a record's bytes to a row of the mirror, or to the reason why it cannot be read."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b

import msgspec
from msgspec import Raw, Struct

from domains.documents import Id, id_of
from domains.mirror import Entity
from domains.qbo.entities import CASH, SINGLES
from domains.qbo.postings import Posting, postings_of
from domains.qbo.wire import Header, Meta, Unreadable, header_of

LIMIT = Decimal(10) ** 15
CENT = Decimal("0.01")
LONGEST_ID = 30
# Keys that a record has once at its top. JSON readers take one of two without a word; here both are refused.
ONCE = (b'"SyncToken"', b'"MetaData"', b'"TotalAmt"', b'"TxnDate"', b'"Balance":')
LONGEST_TOKEN = 2**63
EPOCH = datetime.fromtimestamp(0, UTC)


class Head(Struct, frozen=True, omit_defaults=True, gc=False):
    """Typed columns of `records`, as they travel to the database."""

    entity: Entity
    qbo_id: str
    sync_token: int
    last_updated: datetime
    active: bool
    name: str | None = None
    party_id: str | None = None
    account_id: str | None = None
    term_id: str | None = None
    parent_id: str | None = None
    kind: str | None = None
    subkind: str | None = None
    doc_number: str | None = None
    txn_date: date | None = None
    due_date: date | None = None
    currency: str | None = None
    exchange_rate: Decimal | None = None
    total: Decimal | None = None
    balance: Decimal | None = None
    home_balance: Decimal | None = None


class Row(Struct, frozen=True, gc=False):
    """A record that was read: its columns, the untouched document with its digest, and what it moved."""

    head: Head
    digest: bytes
    document: str
    postings: tuple[Posting, ...] = ()

    @property
    def entity(self) -> Entity:
        return self.head.entity

    @property
    def qbo_id(self) -> str:
        return self.head.qbo_id

    @property
    def sync_token(self) -> int:
        return self.head.sync_token

    @property
    def last_updated(self) -> datetime:
        return self.head.last_updated


class Gone(Struct, frozen=True):
    """A row that says of a record that it was deleted. To be believed only after the record was asked for."""

    entity: Entity
    qbo_id: str
    at: datetime | None


class Rejected(Struct, frozen=True):
    """A record that cannot be read; `qbo_id` is a digest of it when it has no usable id."""

    entity: Entity
    qbo_id: str
    reason: str
    document: str


def read_rows(entity: Entity, raws: Iterable[Raw]) -> list[Row | Gone | Rejected]:
    return [read_row(entity, raw) for raw in raws]


def read_row(entity: Entity, raw: Raw) -> Row | Gone | Rejected:
    body = bytes(raw)
    try:
        header = header_of(body)
        _refuse_doubled(body)
        if (header.status or "").lower() == "deleted":
            return Gone(entity, _id(header), _updated(header.meta_data, required=False))
        return _row(entity, header, body)
    except (ValueError, ArithmeticError) as error:  # of msgspec, json, the charset, or our own `Unreadable`
        return _rejected(entity, body, error)


def _refuse_doubled(body: bytes) -> None:
    """A key may stand again inside of another: only then is it worth while to look closer."""
    suspects = [key for key in ONCE if body.count(key) > 1]
    if not suspects:
        return
    top: list[tuple[str, object]] = json.loads(body, object_pairs_hook=list)
    for key in suspects:
        name = key.strip(b'":').decode()
        if [found for found, _ in top].count(name) > 1:
            raise Unreadable(f"{name} stands there twice")


def _row(entity: Entity, header: Header, body: bytes) -> Row:
    # There is one of these, and it is asked for by name: when it changed orders nothing.
    updated = _updated(header.meta_data, required=entity not in SINGLES) or EPOCH
    total, balance = _checked(_total(header)), _checked(_balance(entity, header))
    rate = _checked(header.exchange_rate)
    qbo_id = _id(header) if entity not in SINGLES else "1"
    head = Head(
        entity,
        qbo_id,
        _token(entity, header.sync_token),
        updated,
        header.active is not False,
        _text(_name(entity, header)),
        _party(header),
        _account(entity, header),
        id_of(header.sales_term_ref) or id_of(header.term_ref),
        id_of(header.parent_ref),
        header.account_type or header.pay_type or header.payment_type or header.type,
        header.account_sub_type,
        _text(header.doc_number),
        header.txn_date,
        header.due_date,
        _currency(header.currency_ref),
        rate,
        total,
        balance,
        _home(balance, rate, _checked(header.home_balance)),
    )
    postings = postings_of(entity, qbo_id, header, body) if entity in CASH else ()
    return Row(head, blake2b(body, digest_size=16).digest(), body.decode(), postings)


def _id(header: Header) -> str:
    if not header.id or len(header.id) > LONGEST_ID:
        raise Unreadable("a record without a usable Id")
    return header.id


def _updated(meta: Meta | None, *, required: bool) -> datetime | None:
    updated = meta.updated if meta else None
    if updated is not None and updated.tzinfo is None:
        raise Unreadable("a time without its offset")
    if updated is None and required:
        raise Unreadable("a record without MetaData.LastUpdatedTime")
    return updated


def _token(entity: Entity, written: str | None) -> int:
    if written is None and entity in SINGLES:
        return 0
    if written is None or not (written.isascii() and written.isdigit()) or int(written) >= LONGEST_TOKEN:
        raise Unreadable("a record without a usable SyncToken")
    return int(written)


def _checked(amount: Decimal | None) -> Decimal | None:
    if amount is not None and not -LIMIT < amount < LIMIT:  # of a NaN that question is an ArithmeticError
        raise Unreadable("an amount that no account could hold")
    return amount


def _name(entity: Entity, header: Header) -> str | None:
    if entity is Entity.ACCOUNT:
        return header.fully_qualified_name or header.name
    return header.display_name or header.name or header.company_name or header.file_name or _ref_name(header)


def _ref_name(header: Header) -> str | None:
    ref = header.vendor_ref or header.customer_ref or header.entity_ref
    return ref.name if ref else None


def _party(header: Header) -> str | None:
    return id_of(header.vendor_ref or header.customer_ref or header.entity_ref)


def _account(entity: Entity, header: Header) -> str | None:
    if entity is Entity.PAYMENT:
        return id_of(header.deposit_to_account_ref)
    return id_of(
        header.a_p_account_ref
        or header.account_ref
        or header.deposit_to_account_ref
        or header.to_account_ref
        or header.a_r_account_ref
    )


def _total(header: Header) -> Decimal | None:
    return header.amount if header.total_amt is None else header.total_amt


def _balance(entity: Entity, header: Header) -> Decimal | None:
    if entity is Entity.ACCOUNT:
        return header.current_balance
    if entity is Entity.PAYMENT:
        return header.unapplied_amt
    if entity is Entity.CREDIT_MEMO and header.remaining_credit is not None:
        return header.remaining_credit
    return header.balance


def _currency(ref: Id | None) -> str | None:
    code = id_of(ref)
    if code is not None and not (len(code) == 3 and code.isascii() and code.isupper()):
        raise Unreadable("a currency that is none")
    return code


def _home(balance: Decimal | None, rate: Decimal | None, told: Decimal | None) -> Decimal | None:
    """Books with one currency name no rate: there a balance is in the home currency already."""
    if told is not None or balance is None:
        return told
    return balance if rate is None else (balance * rate).quantize(CENT)


def _text(value: str | None) -> str | None:
    return value.replace("\x00", "") if value and "\x00" in value else value


def _rejected(entity: Entity, body: bytes, error: Exception) -> Rejected:
    text = body.decode(errors="replace").replace("\x00", "")
    try:
        found = msgspec.json.decode(body, type=dict[str, Raw]).get("Id")
        qbo_id = msgspec.json.decode(found, type=str) if found is not None else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        qbo_id = ""
    if not 0 < len(qbo_id) <= LONGEST_ID:
        qbo_id = blake2b(body, digest_size=16).hexdigest()
    return Rejected(entity, qbo_id, f"{type(error).__name__}: {error}"[:200], text)
