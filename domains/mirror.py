"""The mirror's tables: one row per record of the books, whatever its kind, beside the untouched document it came in.

Layout and guarantees are in docs/adr/0002-mirror-storage.md.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Date, Identity, Index, LargeBinary, Numeric, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.models import Base, Owned

MONEY = Numeric(19, 4)


class Entity(StrEnum):
    """What is mirrored, by QuickBooks's own names."""

    COMPANY_INFO = "CompanyInfo"
    PREFERENCES = "Preferences"
    ACCOUNT = "Account"
    TERM = "Term"
    VENDOR = "Vendor"
    CUSTOMER = "Customer"
    BILL = "Bill"
    INVOICE = "Invoice"
    BILL_PAYMENT = "BillPayment"
    PAYMENT = "Payment"
    VENDOR_CREDIT = "VendorCredit"
    CREDIT_MEMO = "CreditMemo"
    PURCHASE = "Purchase"
    DEPOSIT = "Deposit"
    TRANSFER = "Transfer"
    JOURNAL_ENTRY = "JournalEntry"
    SALES_RECEIPT = "SalesReceipt"
    REFUND_RECEIPT = "RefundReceipt"
    ATTACHABLE = "Attachable"


class RecordRow(Owned, Base):
    """`as_of` is the moment at which QuickBooks said so; with SyncToken and LastUpdatedTime it orders two versions.

    `kind` is AccountType, PayType or PaymentType; `subkind` the AccountSubType. `account_id` is the account that the
    whole document stands on (payable, receivable, bank, card). Amounts are in `currency`, `home_balance` in the home
    currency.
    """

    __tablename__ = "records"
    __table_args__ = (
        Index(
            "ix_records_open",
            "business_id",
            "entity",
            "due_date",
            postgresql_where=text("balance <> 0 AND deleted_at IS NULL AND entity IN ('Bill', 'Invoice')"),
        ),
        # All partial: while the planner knows nothing of the table yet, only the key may serve a look-up by key.
        Index("ix_records_dated", "business_id", "entity", "txn_date", postgresql_where=text("txn_date IS NOT NULL")),
    )

    entity: Mapped[str] = mapped_column(String(20), primary_key=True)
    qbo_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    sync_token: Mapped[int] = mapped_column(BigInteger)
    last_updated: Mapped[datetime]
    as_of: Mapped[datetime]
    last_synced: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    active: Mapped[bool]
    name: Mapped[str | None] = mapped_column(Text)
    party_id: Mapped[str | None] = mapped_column(String(30))
    account_id: Mapped[str | None] = mapped_column(String(30))
    term_id: Mapped[str | None] = mapped_column(String(30))
    parent_id: Mapped[str | None] = mapped_column(String(30))
    kind: Mapped[str | None] = mapped_column(Text)
    subkind: Mapped[str | None] = mapped_column(Text)
    doc_number: Mapped[str | None] = mapped_column(Text)
    txn_date: Mapped[date | None] = mapped_column(Date)
    due_date: Mapped[date | None] = mapped_column(Date)
    currency: Mapped[str | None] = mapped_column(String(3))
    exchange_rate: Mapped[Decimal | None] = mapped_column(Numeric)
    total: Mapped[Decimal | None] = mapped_column(MONEY)
    balance: Mapped[Decimal | None] = mapped_column(MONEY)
    home_balance: Mapped[Decimal | None] = mapped_column(MONEY)
    document: Mapped[str] = mapped_column(Text)


class PostingRow(Owned, Base):
    """One amount that a cash document moved onto (+) or off (-) an account, and the account on its other side.

    Written with the document, before anybody knows which account is a bank: that is judged when movements are read.
    `amount` is in the document's currency. `link_*` is the payment or receipt that a deposit took to the bank.
    """

    __tablename__ = "postings"
    __table_args__ = (
        Index("ix_postings_account", "business_id", "account_id", "txn_date"),
        Index(
            "ix_postings_counter",
            "business_id",
            "counter_id",
            "txn_date",
            postgresql_where=text("counter_id IS NOT NULL"),
        ),
    )

    entity: Mapped[str] = mapped_column(String(20), primary_key=True)
    qbo_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    leg: Mapped[int] = mapped_column(primary_key=True)
    txn_date: Mapped[date] = mapped_column(Date)
    account_id: Mapped[str] = mapped_column(String(30))
    amount: Mapped[Decimal] = mapped_column(MONEY)
    home_amount: Mapped[Decimal] = mapped_column(MONEY)
    currency: Mapped[str | None] = mapped_column(String(3))
    counter_id: Mapped[str | None] = mapped_column(String(30))
    party_id: Mapped[str | None] = mapped_column(String(30))
    link_entity: Mapped[str | None] = mapped_column(String(20))
    link_id: Mapped[str | None] = mapped_column(String(30))
    settles: Mapped[bool]


class MarkRow(Owned, Base):
    """Another mark with whatever is stored about a kind of record: what is read under the same marks reads the same."""

    __tablename__ = "mirror_marks"

    entity: Mapped[str] = mapped_column(String(20), primary_key=True)
    mark: Mapped[UUID]


class TransactionLogRow(Owned, Base):
    """What changed in the mirror, when, and what told us. Never changed or removed."""

    __tablename__ = "transaction_log"

    entity: Mapped[str] = mapped_column(String(20), primary_key=True)
    qbo_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    action: Mapped[str] = mapped_column(String(12))  # created, updated, deleted, restored
    sync_token: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    after: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    source: Mapped[str] = mapped_column(String(20))  # full, incremental, targeted, reconcile, note
    actor: Mapped[str] = mapped_column(String(40))  # a Slack id, or runway
    run_id: Mapped[UUID | None]


class QuarantineRow(Owned, Base):
    """A record that arrived and could not be read. Its last readable version stays in the mirror."""

    __tablename__ = "quarantine"

    entity: Mapped[str] = mapped_column(String(20), primary_key=True)
    qbo_id: Mapped[str] = mapped_column(String(40), primary_key=True)  # or a digest, when it came without an id
    reason: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID | None]
    first_seen: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen: Mapped[datetime] = mapped_column(server_default=func.now())
