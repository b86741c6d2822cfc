"""The issue codes and what each means for a decision: the one table that tray, console and digest agree on."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kit.money import Money


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def score(self) -> int:
        return SCORES[self]


SCORES = {Severity.CRITICAL: 80, Severity.HIGH: 60, Severity.MEDIUM: 40, Severity.LOW: 20}


class IssueCode(StrEnum):
    MISSING_VENDOR = "MISSING_VENDOR"
    MISSING_CUSTOMER = "MISSING_CUSTOMER"
    BAD_AMOUNT = "BAD_AMOUNT"
    MISSING_DUE_DATE = "MISSING_DUE_DATE"
    DUE_BEFORE_ISSUE = "DUE_BEFORE_ISSUE"
    LIKELY_DUPLICATE = "LIKELY_DUPLICATE"
    UNCATEGORISED = "UNCATEGORISED"
    DUE_DATE_DEFAULTED = "DUE_DATE_DEFAULTED"
    STALE_OPEN = "STALE_OPEN"
    INACTIVE_PARTY = "INACTIVE_PARTY"
    NO_CONTACT = "NO_CONTACT"
    NEVER_SENT = "NEVER_SENT"
    UNAPPLIED_PAYMENT = "UNAPPLIED_PAYMENT"
    UNAPPLIED_CREDIT = "UNAPPLIED_CREDIT"
    MISSING_TERMS = "MISSING_TERMS"
    STALE_BOOKS = "STALE_BOOKS"
    STALE_MIRROR = "STALE_MIRROR"
    SYNC_FAILED = "SYNC_FAILED"
    NEGATIVE_BANK = "NEGATIVE_BANK"


@dataclass(frozen=True, slots=True)
class Rule:
    severity: Severity
    blocks: bool


RULES: dict[IssueCode, Rule] = {
    IssueCode.MISSING_VENDOR: Rule(Severity.CRITICAL, blocks=True),
    IssueCode.MISSING_CUSTOMER: Rule(Severity.CRITICAL, blocks=True),
    IssueCode.BAD_AMOUNT: Rule(Severity.CRITICAL, blocks=True),
    IssueCode.MISSING_DUE_DATE: Rule(Severity.HIGH, blocks=True),
    IssueCode.DUE_BEFORE_ISSUE: Rule(Severity.HIGH, blocks=True),
    IssueCode.LIKELY_DUPLICATE: Rule(Severity.HIGH, blocks=True),
    IssueCode.UNCATEGORISED: Rule(Severity.MEDIUM, blocks=False),
    IssueCode.DUE_DATE_DEFAULTED: Rule(Severity.MEDIUM, blocks=False),
    IssueCode.STALE_OPEN: Rule(Severity.MEDIUM, blocks=False),
    IssueCode.INACTIVE_PARTY: Rule(Severity.MEDIUM, blocks=False),
    IssueCode.NO_CONTACT: Rule(Severity.LOW, blocks=False),
    IssueCode.NEVER_SENT: Rule(Severity.MEDIUM, blocks=False),
    IssueCode.UNAPPLIED_PAYMENT: Rule(Severity.HIGH, blocks=False),
    IssueCode.UNAPPLIED_CREDIT: Rule(Severity.HIGH, blocks=False),
    IssueCode.MISSING_TERMS: Rule(Severity.LOW, blocks=False),
    IssueCode.STALE_BOOKS: Rule(Severity.HIGH, blocks=False),
    IssueCode.STALE_MIRROR: Rule(Severity.HIGH, blocks=False),
    IssueCode.SYNC_FAILED: Rule(Severity.HIGH, blocks=False),
    IssueCode.NEGATIVE_BANK: Rule(Severity.HIGH, blocks=False),
}


class RecordKind(StrEnum):
    """What an issue or a reference is about; QBO's own entity names, and SYNC for the mirror itself."""

    BILL = "Bill"
    INVOICE = "Invoice"
    PURCHASE = "Purchase"
    VENDOR = "Vendor"
    CUSTOMER = "Customer"
    ACCOUNT = "Account"
    PAYMENT = "Payment"
    BILL_PAYMENT = "BillPayment"
    CREDIT_MEMO = "CreditMemo"
    VENDOR_CREDIT = "VendorCredit"
    DEPOSIT = "Deposit"
    TRANSFER = "Transfer"
    JOURNAL_ENTRY = "JournalEntry"
    SALES_RECEIPT = "SalesReceipt"
    REFUND_RECEIPT = "RefundReceipt"
    SYNC = "Sync"


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    kind: RecordKind
    qbo_id: str


@dataclass(frozen=True, slots=True)
class Twin:
    """The other record of a likely duplicate."""

    key: RecordKey
    doc_number: str | None
    amount: Money
    issued: date | None
    same_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFacts:
    """What the sentence about an issue is made of; a field that does not apply is None."""

    party: str | None = None
    doc_number: str | None = None
    issued: date | None = None
    due: date | None = None
    days: int | None = None
    place: str | None = None
    twin: Twin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One (record, code). `at_stake` is the open amount in the home currency; None when it cannot be told.

    `judged` is the fingerprint of the fields that the predicate looked at: a dismissal holds while it is unchanged.
    """

    key: RecordKey
    code: IssueCode
    severity: Severity
    blocks: bool
    at_stake: Decimal | None
    judged: str
    due: date | None = None
    facts: IssueFacts = field(default_factory=IssueFacts)
