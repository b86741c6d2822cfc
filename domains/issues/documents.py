"""What can be wrong with an open bill or invoice taken by itself."""

from collections.abc import Iterator
from datetime import timedelta

from domains.bills import Bill, Line
from domains.invoices import Invoice
from domains.issues.catalogue import RULES, Issue, IssueCode, IssueFacts, RecordKey, RecordKind, Severity
from domains.issues.ledger import Ledger, fingerprint, home_open

STALE_AFTER = timedelta(days=180)
NOWHERE = ("uncategorized", "uncategorised", "ask my accountant")

Document = Bill | Invoice


def judge_bill(bill: Bill, ledger: Ledger) -> Iterator[Issue]:
    if bill.vendor_name is None and (ledger.names_read or not bill.vendor_id):
        yield _issue(bill, ledger, IssueCode.MISSING_VENDOR, bill.vendor_id)
    yield from _judge_document(bill, ledger)
    if bill.vendor_active is False:
        yield _issue(bill, ledger, IssueCode.INACTIVE_PARTY, bill.vendor_id)
    amount = home_open(bill, ledger.currency)
    untold = bill.term_id is None and bill.vendor_term_id is None
    same_day = bill.due_date is not None and bill.due_date == bill.txn_date
    if same_day and untold and amount is not None and amount >= ledger.defaulted_due_over:
        yield _issue(bill, ledger, IssueCode.DUE_DATE_DEFAULTED, bill.due_date, bill.txn_date, bill.balance)


def judge_invoice(invoice: Invoice, ledger: Ledger) -> Iterator[Issue]:
    if invoice.customer_name is None and (ledger.names_read or not invoice.customer_id):
        yield _issue(invoice, ledger, IssueCode.MISSING_CUSTOMER, invoice.customer_id)
    yield from _judge_document(invoice, ledger)
    if invoice.customer_active is False:
        yield _issue(invoice, ledger, IssueCode.INACTIVE_PARTY, invoice.customer_id)
    overdue = invoice.due_date is not None and invoice.due_date < ledger.today
    if not (invoice.email or "").strip():
        severity = Severity.MEDIUM if overdue else Severity.LOW
        yield _issue(invoice, ledger, IssueCode.NO_CONTACT, invoice.customer_id, severity=severity)
    if overdue and not invoice.sent:
        yield _issue(invoice, ledger, IssueCode.NEVER_SENT, invoice.email_status, invoice.due_date)


def has_bad_amount(document: Document) -> bool:
    """A negative open balance belongs here too: nothing can be paid on it."""
    total = document.total
    return total is None or total < 0 or document.balance < 0 or total == 0


def _judge_document(document: Document, ledger: Ledger) -> Iterator[Issue]:
    if has_bad_amount(document):
        yield _issue(document, ledger, IssueCode.BAD_AMOUNT, document.total, document.balance)
    due, issued = document.due_date, document.txn_date
    if due is None:
        yield _issue(document, ledger, IssueCode.MISSING_DUE_DATE, due)
    if due is not None and issued is not None and due < issued:
        yield _issue(document, ledger, IssueCode.DUE_BEFORE_ISSUE, due, issued)
    if due is not None and ledger.today - due > STALE_AFTER:
        yield _issue(document, ledger, IssueCode.STALE_OPEN, due, document.balance)
    lost = [line for line in document.lines if _posts_nowhere(line)]
    if lost:
        judged = [(line.account_id, line.item_id, line.amount) for line in lost]
        yield _issue(document, ledger, IssueCode.UNCATEGORISED, *judged, place=lost[0].account_name)


def _posts_nowhere(line: Line) -> bool:
    """Lines without an amount are comments; a sub-account is written behind its parents."""
    if not line.amount:
        return False
    if line.account_id is None and line.item_id is None:
        return True
    return any(name.strip().startswith(NOWHERE) for name in (line.account_name or "").casefold().split(":"))


def _issue(
    document: Document,
    ledger: Ledger,
    code: IssueCode,
    *judged: object,
    severity: Severity | None = None,
    place: str | None = None,
) -> Issue:
    at_stake = home_open(document, ledger.currency)
    return Issue(
        key=key_of(document),
        code=code,
        severity=severity or RULES[code].severity,
        blocks=RULES[code].blocks,
        at_stake=None if at_stake is None else abs(at_stake),
        judged=fingerprint(code, *judged),
        due=document.due_date,
        facts=facts_of(document, ledger, place=place),
    )


def key_of(document: Document) -> RecordKey:
    return RecordKey(RecordKind.BILL if isinstance(document, Bill) else RecordKind.INVOICE, document.id)


def facts_of(document: Document, ledger: Ledger, *, place: str | None = None) -> IssueFacts:
    due = document.due_date
    return IssueFacts(
        party=document.vendor_name if isinstance(document, Bill) else document.customer_name,
        doc_number=document.doc_number,
        issued=document.txn_date,
        due=due,
        days=None if due is None else (ledger.today - due).days,
        place=place,
    )
