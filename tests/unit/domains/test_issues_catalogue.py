"""Every issue code at its boundary: the record that has it, and the nearest one that has not."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.issues.catalogue import RULES, Issue, IssueCode, RecordKind, Severity
from domains.issues.ledger import Ledger, MirrorHealth, fingerprint
from domains.issues.survey import ranked, score, survey
from tests.unit.domains.issue_records import (
    BANK,
    BILL,
    CREDIT,
    INVOICE,
    LINE,
    MEMO,
    PAYMENT,
    PURCHASE,
    TODAY,
    VENDOR,
    a_bill,
    an_invoice,
    books,
    days,
)

ASKED = replace(LINE, account_name="Ask My Accountant")
NOWHERE = replace(LINE, account_id=None, account_name=None)
SAME_DAY = {"txn_date": TODAY, "due_date": TODAY, "term_id": None, "vendor_term_id": None}


def codes(ledger: Ledger) -> set[IssueCode]:
    return {issue.code for issue in survey(ledger)}


def bill_books(**changes: Any) -> Ledger:
    return books(bills=(a_bill(**changes),))


def invoice_books(**changes: Any) -> Ledger:
    return books(invoices=(an_invoice(**changes),))


def account_books(**changes: Any) -> Ledger:
    return books(accounts=(replace(BANK, **changes),))


def test_records_in_order_have_no_issue() -> None:
    clean = books(
        bills=(BILL,),
        invoices=(INVOICE,),
        accounts=(BANK,),
        payments=(PAYMENT,),
        credit_memos=(MEMO,),
        vendor_credits=(CREDIT,),
        purchases=(replace(PURCHASE, total=Decimal(777)),),
    )
    assert survey(clean) == ()


@pytest.mark.parametrize(
    ("code", "guilty", "innocent"),
    [
        (IssueCode.MISSING_VENDOR, bill_books(vendor_name=None), bill_books()),
        (IssueCode.MISSING_VENDOR, bill_books(vendor_id=None, vendor_name=None), bill_books()),
        (IssueCode.MISSING_CUSTOMER, invoice_books(customer_name=None), invoice_books()),
        (IssueCode.BAD_AMOUNT, bill_books(total=None), bill_books()),
        (IssueCode.BAD_AMOUNT, bill_books(total=Decimal("-0.01")), bill_books(total=Decimal("0.01"))),
        (IssueCode.BAD_AMOUNT, bill_books(total=Decimal(0)), bill_books()),
        (IssueCode.BAD_AMOUNT, bill_books(balance=Decimal(-5)), bill_books(balance=Decimal(5))),
        (IssueCode.BAD_AMOUNT, invoice_books(total=Decimal(0)), invoice_books()),
        (IssueCode.MISSING_DUE_DATE, bill_books(due_date=None), bill_books()),
        (IssueCode.MISSING_DUE_DATE, invoice_books(due_date=None), invoice_books()),
        (
            IssueCode.DUE_BEFORE_ISSUE,
            bill_books(txn_date=TODAY, due_date=days(-1)),
            bill_books(txn_date=TODAY, due_date=TODAY),
        ),
        (IssueCode.UNCATEGORISED, bill_books(lines=(ASKED,)), bill_books()),
        (
            IssueCode.UNCATEGORISED,
            bill_books(lines=(LINE, NOWHERE)),
            bill_books(lines=(replace(NOWHERE, item_id="4"),)),
        ),
        (
            IssueCode.UNCATEGORISED,
            bill_books(lines=(replace(LINE, account_name="Expenses:Uncategorized Expense"),)),
            bill_books(lines=(replace(NOWHERE, amount=None), replace(NOWHERE, amount=Decimal(0)))),
        ),
        (
            IssueCode.DUE_DATE_DEFAULTED,
            bill_books(**SAME_DAY, balance=Decimal(1000)),
            bill_books(**SAME_DAY, balance=Decimal("999.99")),
        ),
        (
            IssueCode.DUE_DATE_DEFAULTED,
            bill_books(**SAME_DAY, balance=Decimal(1000)),
            bill_books(**{**SAME_DAY, "vendor_term_id": "3"}, balance=Decimal(1000)),
        ),
        (IssueCode.STALE_OPEN, bill_books(due_date=days(-181)), bill_books(due_date=days(-180))),
        (IssueCode.STALE_OPEN, invoice_books(due_date=days(-181)), invoice_books(due_date=days(-180))),
        (IssueCode.INACTIVE_PARTY, bill_books(vendor_active=False), bill_books(vendor_active=None)),
        (IssueCode.INACTIVE_PARTY, invoice_books(customer_active=False), invoice_books()),
        (IssueCode.NO_CONTACT, invoice_books(email=None), invoice_books()),
        (IssueCode.NO_CONTACT, invoice_books(email="  "), invoice_books()),
        (
            IssueCode.NEVER_SENT,
            invoice_books(sent=False, due_date=days(-1)),
            invoice_books(sent=False, due_date=TODAY),
        ),
        (
            IssueCode.UNAPPLIED_PAYMENT,
            books(invoices=(INVOICE,), payments=(replace(PAYMENT, unapplied=Decimal(1)),)),
            books(payments=(replace(PAYMENT, unapplied=Decimal(1)),)),
        ),
        (
            IssueCode.UNAPPLIED_CREDIT,
            books(invoices=(INVOICE,), credit_memos=(replace(MEMO, remaining=Decimal(1)),)),
            books(bills=(BILL,), credit_memos=(replace(MEMO, remaining=Decimal(1)),)),
        ),
        (
            IssueCode.UNAPPLIED_CREDIT,
            books(bills=(BILL,), vendor_credits=(replace(CREDIT, remaining=Decimal(1)),)),
            books(vendor_credits=(replace(CREDIT, remaining=Decimal(1)),)),
        ),
        (
            IssueCode.MISSING_TERMS,
            books(bills=(BILL,), vendors={"56": replace(VENDOR, term_id=None)}),
            books(vendors={"56": replace(VENDOR, term_id=None)}),
        ),
        (IssueCode.STALE_BOOKS, account_books(last_posting=days(-8)), account_books(last_posting=days(-7))),
        (
            IssueCode.STALE_BOOKS,
            account_books(last_posting=None),
            account_books(last_posting=None, balance=Decimal(0)),
        ),
        (IssueCode.NEGATIVE_BANK, account_books(balance=Decimal("-0.01")), account_books(balance=Decimal(0))),
        (IssueCode.STALE_MIRROR, books(mirror=MirrorHealth(1, "x")), books()),
        (IssueCode.SYNC_FAILED, books(mirror=MirrorHealth(failed_run="r")), books()),
    ],
)
def test_each_code_at_its_boundary(code: IssueCode, guilty: Ledger, innocent: Ledger) -> None:
    assert code in codes(guilty)
    assert code not in codes(innocent)


def test_every_code_has_a_case_above_or_in_the_duplicates() -> None:
    named = {parameters[0] for parameters in test_each_code_at_its_boundary.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert named | {IssueCode.LIKELY_DUPLICATE} == set(IssueCode) == set(RULES)


def test_an_invoice_without_an_address_matters_more_once_it_is_overdue() -> None:
    def severity(due: int) -> Severity:
        ledger = invoice_books(email=None, due_date=days(due))
        return next(issue.severity for issue in survey(ledger) if issue.code is IssueCode.NO_CONTACT)

    assert (severity(0), severity(-1)) == (Severity.LOW, Severity.MEDIUM)


def test_an_unknown_vendor_says_nothing_while_vendors_were_never_read() -> None:
    assert codes(replace(bill_books(vendor_name=None), names_read=False)) == set()
    assert IssueCode.MISSING_VENDOR in codes(replace(bill_books(vendor_id=None, vendor_name=None), names_read=False))


def test_a_foreign_bill_without_a_rate_has_an_unknown_stake_not_zero() -> None:
    (issue,) = survey(bill_books(currency="EUR", due_date=None))
    assert issue.at_stake is None


def test_the_fingerprint_changes_with_what_was_judged_and_with_nothing_else() -> None:
    def judged(**changes: Any) -> str:
        (issue,) = survey(bill_books(**{"txn_date": TODAY, "due_date": days(-1), **changes}))
        return issue.judged

    assert judged() == judged(total=Decimal(5), doc_number="other", private_note="seen")
    assert judged() != judged(due_date=days(-2))
    assert fingerprint(Decimal("100.00")) == fingerprint(Decimal(100))


def overdue(**changes: Any) -> Issue:
    (issue,) = survey(bill_books(due_date=None, **changes))
    return issue


@pytest.mark.parametrize(
    ("issue", "available", "expected"),
    [
        (overdue(), Decimal(1_000), 62),  # 60 + 15 × 100/1000, half up
        (overdue(), Decimal(100), 75),
        (overdue(), Decimal(0), 75),
        (overdue(), None, 60),
        (replace(overdue(), due=days(7)), None, 65),
        (replace(overdue(), due=days(8)), None, 60),
        (replace(overdue(), severity=Severity.CRITICAL, due=days(-1)), Decimal(50), 100),
    ],
)
def test_the_score_is_severity_money_and_time(issue: Issue, available: Decimal | None, expected: int) -> None:
    assert score(issue, available=available, today=TODAY) == expected


def test_the_order_is_total_and_the_same_whatever_comes_first() -> None:
    issues = [
        issue
        for number in range(9)
        for issue in survey(bill_books(id=str(number), due_date=None, balance=Decimal(100 * (number % 3) + 1)))
    ]
    forward = [one.key for one, _ in ranked(issues, available=Decimal(500), today=TODAY)]
    backward = [one.key for one, _ in ranked(reversed(issues), available=Decimal(500), today=TODAY)]
    assert forward == backward
    assert [key.kind for key in forward] == [RecordKind.BILL] * 9
