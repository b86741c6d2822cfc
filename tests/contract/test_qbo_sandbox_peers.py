"""Independent clients that know nothing of us read and write the stand-in over a real line."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.books import check, writes
from sandbox.qbo import QboSandbox
from tests.contract.qbo_sandbox_world import (
    EARLIER,
    REALM,
    REDIRECT,
    account,
    bare_company,
    bill_payload,
    served,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from intuitlib.client import AuthClient
    from qbosdk import QuickbooksOnlineSDK
    from qbosdk.exceptions import InvalidTokenError
    from quickbooks import QuickBooks
    from quickbooks.batch import batch_create
    from quickbooks.cdc import change_data_capture
    from quickbooks.exceptions import AuthorizationException, ObjectNotFoundException, ValidationException
    from quickbooks.objects import Bill, BillPayment, Customer, Invoice, Vendor

BILLS = 1203


@dataclass
class Peer:
    root: str
    sandbox: QboSandbox

    @property
    def refresh_token(self) -> str:
        return self.sandbox.tokens.grants[-1].refresh_token


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    company = bare_company()
    for number in range(BILLS):
        writes.create(company, "Bill", bill_payload(company, f"{10 + number}.25"), EARLIER)
    with served(company) as (root, _, sandbox):
        yield Peer(root, sandbox)


@pytest.fixture
def quickbooks(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{peer.root}/v3")
    discovery = f"{peer.root}/.well-known/openid_configuration"
    auth = AuthClient("sandbox-client", "sandbox-secret", REDIRECT, discovery)
    return QuickBooks(auth_client=auth, refresh_token=peer.refresh_token, company_id=REALM, minorversion=75)


def test_python_quickbooks_refreshes_pages_counts_and_filters(quickbooks: Any) -> None:
    first = Bill.all(max_results=1000, qb=quickbooks)
    rest = Bill.all(start_position=1001, max_results=1000, qb=quickbooks)
    assert len({bill.Id for bill in [*first, *rest]}) == BILLS
    assert Bill.count(qb=quickbooks) == BILLS
    [found] = Vendor.filter(DisplayName="AT&T", qb=quickbooks)
    assert found.Id == "1"
    [chosen] = Bill.choose(["7"], field="Id", qb=quickbooks)
    assert chosen.TotalAmt == 16.25


def test_python_quickbooks_reads_faults_as_faults(quickbooks: Any) -> None:
    with pytest.raises(ObjectNotFoundException):
        Bill.get(999_999, qb=quickbooks)
    with pytest.raises(ValidationException):
        Bill.query("select * from Nonsense", qb=quickbooks)


def test_python_quickbooks_writes_captures_batches_and_voids(quickbooks: Any, peer: Peer) -> None:
    company = peer.sandbox.companies[REALM]
    customer = Customer()
    customer.DisplayName = "Harper & Søn"
    customer.save(qb=quickbooks)
    invoice = Invoice.from_json(
        {
            "CustomerRef": {"value": customer.Id},
            "Line": [
                {
                    "Amount": 250.5,
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
                }
            ],
        }
    )
    saved = invoice.save(qb=quickbooks)
    captured = change_data_capture([Invoice, Vendor], "2026-11-21T08:59:00-08:00", qb=quickbooks)
    assert [row.Id for row in captured.Invoice._object_list] == [saved.Id]
    saved.void(qb=quickbooks)
    assert Invoice.get(saved.Id, qb=quickbooks).TotalAmt == 0
    vendors = [Vendor.from_json({"DisplayName": f"Batch {number}"}) for number in range(3)]
    assert len(batch_create(vendors, qb=quickbooks).successes) == 3
    payment = BillPayment.from_json(
        {
            "VendorRef": {"value": "1"},
            "PayType": "Check",
            "TotalAmt": 10.25,
            "CheckPayment": {"BankAccountRef": account(company, "Operating Checking")},
            "Line": [{"Amount": 10.25, "LinkedTxn": [{"TxnId": "1", "TxnType": "Bill"}]}],
        }
    )
    payment.save(qb=quickbooks)
    assert Bill.get(1, qb=quickbooks).Balance == 0
    assert check(company) == []


def test_python_quickbooks_notices_a_lost_token(quickbooks: Any, peer: Peer) -> None:
    peer.sandbox.tokens.expire_access(REALM)
    with pytest.raises(AuthorizationException):
        Bill.count(qb=quickbooks)


@pytest.fixture
def fyle(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(QuickbooksOnlineSDK, "TOKEN_URL", f"{peer.root}/oauth2/v1/tokens/bearer")
    sdk = QuickbooksOnlineSDK("sandbox-client", "sandbox-secret", peer.refresh_token, REALM, "sandbox")
    for part in vars(sdk).values():
        if hasattr(part, "set_server_url"):
            part.set_server_url(f"{peer.root}/v3/company/{REALM}")
    return sdk


def test_qbosdk_pages_to_the_end_and_counts(fyle: Any) -> None:
    assert len(fyle.bills.get()) == BILLS
    assert sum(len(page) for page in fyle.bills.get_all_generator()) == BILLS
    assert fyle.accounts.count() == len(fyle.accounts.get())
    assert fyle.company_info.get()["CompanyName"] == "Bare Ltd"
    assert fyle.preferences.get()["CurrencyPrefs"]["HomeCurrency"]["value"] == "USD"


def test_qbosdk_is_refused_with_a_wrong_refresh_token(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuickbooksOnlineSDK, "TOKEN_URL", f"{peer.root}/oauth2/v1/tokens/bearer")
    with pytest.raises(InvalidTokenError):
        QuickbooksOnlineSDK("sandbox-client", "sandbox-secret", "stale", REALM, "sandbox")
