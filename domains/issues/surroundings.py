"""Issues of what stands around bills and invoices: payments, credits, vendors, bank accounts, the mirror itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from domains.accounts import CashRole
from domains.balances import AccountBalance
from domains.issues.catalogue import RULES, Issue, IssueCode, IssueFacts, RecordKey, RecordKind
from domains.issues.ledger import Ledger, fingerprint, home_open
from domains.payments import CreditMemo, Payment, VendorCredit

QUIET = timedelta(days=7)
BOOKS = RecordKey(RecordKind.SYNC, "books")


def judge_unapplied(ledger: Ledger) -> Iterator[Issue]:
    """Only for parties with something open: nothing else could take the amount."""
    owing = {invoice.customer_id for invoice in ledger.invoices}
    owed = {bill.vendor_id for bill in ledger.bills}
    for payment in ledger.payments:
        if payment.unapplied and not payment.deleted and payment.customer_id in owing:
            yield _unapplied(payment, IssueCode.UNAPPLIED_PAYMENT, payment.unapplied, payment.customer_name, ledger)
    for memo in ledger.credit_memos:
        if memo.remaining and not memo.deleted and memo.customer_id in owing:
            yield _unapplied(memo, IssueCode.UNAPPLIED_CREDIT, memo.remaining, memo.customer_name, ledger)
    for credit in ledger.vendor_credits:
        if credit.remaining and not credit.deleted and credit.vendor_id in owed:
            yield _unapplied(credit, IssueCode.UNAPPLIED_CREDIT, credit.remaining, credit.vendor_name, ledger)


def judge_vendors(ledger: Ledger) -> Iterator[Issue]:
    owed: dict[str, list[Decimal | None]] = defaultdict(list)
    for bill in ledger.bills:
        if bill.vendor_id:
            owed[bill.vendor_id].append(_absolute(home_open(bill, ledger.currency)))
    for vendor_id, amounts in owed.items():
        vendor = ledger.vendors.get(vendor_id)
        if vendor is not None and vendor.term_id is None:
            key = RecordKey(RecordKind.VENDOR, vendor_id)
            facts = IssueFacts(party=vendor.name)
            yield _plain(key, IssueCode.MISSING_TERMS, _sum(amounts), (vendor_id,), facts)


def judge_accounts(ledger: Ledger) -> Iterator[Issue]:
    for account in ledger.accounts:
        if account.role in (CashRole.BANK, CashRole.RESTRICTED):
            yield from _judge_bank(account, ledger.today)


def judge_mirror(ledger: Ledger) -> Iterator[Issue]:
    mirror = ledger.mirror
    if mirror.stale_days is not None:
        facts = IssueFacts(days=mirror.stale_days)
        yield _plain(BOOKS, IssueCode.STALE_MIRROR, None, (mirror.stale_since,), facts)
    if mirror.failed_run is not None:
        yield _plain(BOOKS, IssueCode.SYNC_FAILED, None, (mirror.failed_run,), IssueFacts())


def _judge_bank(account: AccountBalance, today: date) -> Iterator[Issue]:
    key, stake = RecordKey(RecordKind.ACCOUNT, account.account_id), _absolute(account.home_balance)
    last = account.last_posting
    if (last is not None and today - last > QUIET) or (last is None and account.balance):
        days = None if last is None else (today - last).days
        facts = IssueFacts(party=account.name, issued=last, days=days)
        yield _plain(key, IssueCode.STALE_BOOKS, stake, (last,), facts)
    if account.balance < 0:
        yield _plain(key, IssueCode.NEGATIVE_BANK, stake, (account.balance,), IssueFacts(party=account.name))


KINDS: dict[type, RecordKind] = {
    Payment: RecordKind.PAYMENT,
    CreditMemo: RecordKind.CREDIT_MEMO,
    VendorCredit: RecordKind.VENDOR_CREDIT,
}


def _unapplied(
    source: Payment | CreditMemo | VendorCredit, code: IssueCode, amount: Decimal, party: str | None, ledger: Ledger
) -> Issue:
    rate = Decimal(1) if source.currency == ledger.currency else source.exchange_rate
    stake = None if rate is None else abs(amount * rate)
    number = None if isinstance(source, Payment) else source.doc_number
    facts = IssueFacts(party=party, doc_number=number, issued=source.date)
    return _plain(RecordKey(KINDS[type(source)], source.id), code, stake, (amount,), facts)


def _plain(
    key: RecordKey, code: IssueCode, stake: Decimal | None, judged: Iterable[object], facts: IssueFacts
) -> Issue:
    rule = RULES[code]
    return Issue(
        key=key,
        code=code,
        severity=rule.severity,
        blocks=rule.blocks,
        at_stake=stake,
        judged=fingerprint(code, *judged),
        facts=facts,
    )


def _absolute(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else abs(amount)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = list(amounts)
    return None if None in known else sum((amount for amount in known if amount is not None), Decimal(0))
