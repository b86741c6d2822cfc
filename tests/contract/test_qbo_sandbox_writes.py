"""Writes to the stand-in: consequences that follow, and refusals with Intuit's codes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.books import check, writes
from tests.contract.qbo_sandbox_world import (
    EARLIER,
    Stand,
    account,
    bare_company,
    bill_payload,
    bill_payment_payload,
    fault,
    invoice_payload,
    payment_payload,
    stand,
)


async def make(at: Stand, entity: str, payload: Any, **params: str) -> Any:
    answer = await at.post(entity.lower(), payload, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()[entity]


async def test_a_bill_gets_its_total_due_date_line_ids_and_names() -> None:
    async with stand() as at:
        bill = await make(
            at, "Bill", bill_payload(at.company, "100.50", TxnDate="2026-11-20", SalesTermRef={"value": "4"})
        )
        assert (bill["TotalAmt"], bill["Balance"], bill["DueDate"]) == (100.5, 100.5, "2026-12-20")
        assert (bill["SyncToken"], bill["Line"][0]["Id"], bill["VendorRef"]["name"]) == ("0", "1", "AT&T")
        assert "LinkedTxn" not in bill
        plain = await make(at, "Bill", bill_payload(at.company, TxnDate="2026-11-20"))
        assert plain["DueDate"] == "2026-11-20"


async def test_paying_a_bill_moves_bill_vendor_and_accounts() -> None:
    async with stand() as at:
        bill = await make(at, "Bill", bill_payload(at.company, "300.00"))
        paid = await make(at, "BillPayment", bill_payment_payload(at.company, bill["Id"], "120.00"))
        after = (await at.get(f"bill/{bill['Id']}")).json()["Bill"]
        assert (after["Balance"], after["SyncToken"]) == (180.0, "1")
        assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "BillPaymentCheck"}]
        vendor = (await at.get("vendor/1")).json()["Vendor"]
        assert (vendor["Balance"], vendor["SyncToken"]) == (180.0, "0")
        accounts = {row["Name"]: row for row in (await at.query("select * from Account maxresults 1000"))["Account"]}
        assert accounts["Accounts Payable (A/P)"]["CurrentBalance"] == -180
        assert accounts["Operating Checking"]["CurrentBalance"] == -120
        assert accounts["Utilities"]["CurrentBalance"] == 0
        assert check(at.company) == []


async def test_card_payments_show_as_cheque_payments_on_the_bill() -> None:
    async with stand() as at:
        bill = await make(at, "Bill", bill_payload(at.company))
        payload = bill_payment_payload(at.company, bill["Id"], "100.50")
        payload |= {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": account(at.company, "Company Visa")}}
        payload.pop("CheckPayment")
        await make(at, "BillPayment", payload)
        assert (await at.get("bill/1")).json()["Bill"]["LinkedTxn"][0]["TxnType"] == "BillPaymentCheck"


async def test_a_vendor_credit_nets_a_payment() -> None:
    async with stand() as at:
        bill = await make(at, "Bill", bill_payload(at.company, "300.00"))
        credit = await make(at, "VendorCredit", bill_payload(at.company, "60.00"))
        assert credit["Balance"] == 60
        payload = bill_payment_payload(at.company, bill["Id"], "300.00", TotalAmt="240.00")
        payload["Line"].append({"Amount": "60.00", "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "VendorCredit"}]})
        await make(at, "BillPayment", payload)
        assert (await at.get("bill/1")).json()["Bill"]["Balance"] == 0
        assert (await at.get(f"vendorcredit/{credit['Id']}")).json()["VendorCredit"]["Balance"] == 0
        assert check(at.company) == []


async def test_an_unapplied_payment_keeps_its_rest() -> None:
    async with stand() as at:
        invoice = await make(at, "Invoice", invoice_payload("500"))
        payment = await make(at, "Payment", payment_payload(invoice["Id"], "500") | {"TotalAmt": "750"})
        assert (payment["UnappliedAmt"], payment["DepositToAccountRef"]["value"]) == (250.0, "5")
        assert (await at.get("customer/2")).json()["Customer"]["Balance"] == -250
        assert check(at.company) == []


async def test_voiding_and_deleting_a_payment_reopen_the_bill() -> None:
    async with stand() as at:
        await make(at, "Bill", bill_payload(at.company))
        for end in ({"operation": "update", "include": "void"}, {"operation": "delete"}):
            paid = await make(at, "BillPayment", bill_payment_payload(at.company, "1", "100.50"))
            assert (await at.get("bill/1")).json()["Bill"]["Balance"] == 0
            gone = await make(at, "BillPayment", {"Id": paid["Id"], "SyncToken": "0", "sparse": True}, **end)
            bill = (await at.get("bill/1")).json()["Bill"]
            assert bill["Balance"] == 100.5
            assert "LinkedTxn" not in bill
            if end["operation"] == "update":
                assert (gone["TotalAmt"], gone["Line"], gone["SyncToken"]) == (0, [], "1")
                assert gone["PrivateNote"] == "Voided"
            else:
                assert gone == {"domain": "QBO", "status": "Deleted", "Id": paid["Id"]}
            assert check(at.company) == []


async def test_a_voided_invoice_is_zeroed_as_recorded() -> None:
    async with stand() as at:
        await make(at, "Invoice", invoice_payload("100", PrivateNote="rush"))
        void = await make(at, "Invoice", {"Id": "1", "SyncToken": "0"}, operation="void")
        assert (void["TotalAmt"], void["Balance"], void["LinkedTxn"], void["SyncToken"]) == (0, 0, [], "1")
        assert void["PrivateNote"] == "Voided - rush"
        assert {line["Amount"] for line in void["Line"]} == {0}
        assert check(at.company) == []


async def test_sparse_update_keeps_and_full_update_blanks() -> None:
    async with stand() as at:
        await make(at, "Bill", bill_payload(at.company, DocNumber="A1", PrivateNote="mind"))
        sparse = await make(
            at,
            "Bill",
            {"Id": "1", "SyncToken": "0", "sparse": True, "VendorRef": {"value": "1"}, "DueDate": "2026-12-31"},
        )
        assert (sparse["DocNumber"], sparse["DueDate"], sparse["SyncToken"]) == ("A1", "2026-12-31", "1")
        full = await make(at, "Bill", {**bill_payload(at.company, "80.00"), "Id": "1", "SyncToken": "1"})
        assert "DocNumber" not in full
        assert "PrivateNote" not in full
        assert (full["TotalAmt"], full["Balance"]) == (80.0, 80.0)
        assert check(at.company) == []


async def test_an_edit_of_a_partly_paid_bill_keeps_what_was_paid() -> None:
    async with stand() as at:
        await make(at, "Bill", bill_payload(at.company, "300.00"))
        await make(at, "BillPayment", bill_payment_payload(at.company, "1", "100.00"))
        edited = await make(at, "Bill", {**bill_payload(at.company, "250.00"), "Id": "1", "SyncToken": "1"})
        assert edited["Balance"] == 150
        assert len(edited["LinkedTxn"]) == 1
        below = await at.post("bill", {**bill_payload(at.company, "50.00"), "Id": "1", "SyncToken": "2"})
        assert fault(below) == (400, "6000")
        assert check(at.company) == []


async def test_a_name_edit_that_changes_nothing_keeps_its_token_and_a_rename_moves_it() -> None:
    async with stand() as at:
        same = await make(at, "Vendor", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "AT&T"})
        assert same["SyncToken"] == "0"
        other = await make(at, "Vendor", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "Comcast"})
        assert other["SyncToken"] == "1"
        gone = await make(at, "Vendor", {"Id": "1", "SyncToken": "1", "sparse": True, "Active": False})
        assert (gone["DisplayName"], gone["Active"]) == ("Comcast (deleted)", False)
        back = await make(at, "Vendor", {"Id": "1", "SyncToken": "2", "sparse": True, "Active": True})
        assert (back["DisplayName"], back["Active"]) == ("Comcast", True)


async def test_the_same_requestid_gets_the_first_answer_again() -> None:
    async with stand() as at:
        first = await at.post("bill", bill_payload(at.company), requestid="r-1")
        again = await at.post("bill", bill_payload(at.company), requestid="r-1")
        other = await at.post("bill", bill_payload(at.company), requestid="r-2")
        assert again.content == first.content
        assert other.json()["Bill"]["Id"] == "2"
        assert len(at.company.tables["Bill"]) == 2


async def test_sending_an_invoice_marks_it_and_needs_an_address() -> None:
    async with stand() as at:
        await make(at, "Invoice", invoice_payload())
        assert fault(await at.http.post(f"{at.base}/invoice/1/send")) == (400, "6000")
        sent = (await at.http.post(f"{at.base}/invoice/1/send", params={"sendTo": "a@b.example"})).json()["Invoice"]
        assert (sent["EmailStatus"], sent["BillEmail"]["Address"]) == ("EmailSent", "a@b.example")
        assert sent["DeliveryInfo"]["DeliveryType"] == "Email"


REFUSED: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
    ("2010", "Invoice", {"BadJson": True}, {}),
    ("2020", "Bill", {"Line": [{"Amount": 1, "DetailType": "AccountBasedExpenseLineDetail"}]}, {}),
    ("2020", "Vendor", {"CompanyName": ""}, {}),
    ("2030", "Bill", {"Id": "x1", "SyncToken": "0"}, {"operation": "delete"}),
    ("2050", "Invoice", invoice_payload(DocNumber="x" * 22), {}),
    ("2080", "Invoice", invoice_payload("ten"), {}),
    ("2500", "Invoice", {**invoice_payload(), "CustomerRef": {"value": "99"}}, {}),
    ("610", "Bill", {"Id": "99", "SyncToken": "0", "sparse": True}, {}),
    ("5010", "Customer", {"Id": "2", "SyncToken": "7", "sparse": True, "Notes": "x"}, {}),
    ("6240", "Customer", {"DisplayName": "at&t"}, {}),
    ("6000", "Customer", {"DisplayName": "a:b"}, {}),
    ("500", "Bill", {"Id": "1", "SyncToken": "0"}, {"operation": "void"}),
]


@pytest.mark.parametrize(("code", "entity", "payload", "params"), REFUSED)
async def test_what_quickbooks_refuses_is_refused_with_its_code(
    code: str, entity: str, payload: dict[str, Any], params: dict[str, str]
) -> None:
    company = bare_company()
    writes.create(company, "Bill", bill_payload(company), EARLIER)
    before = {row.id: row.text for table in company.tables.values() for row in table.values()}
    async with stand(company) as at:
        assert fault(await at.post(entity.lower(), payload, **params)) == (400, code)
    assert {row.id: row.text for table in company.tables.values() for row in table.values()} == before


async def test_a_number_used_twice_names_the_first_and_can_be_forced() -> None:
    async with stand() as at:
        await make(at, "Invoice", invoice_payload(DocNumber="77"))
        answer = await at.post("invoice", invoice_payload(DocNumber="77"))
        assert fault(answer) == (400, "6140")
        assert "TxnType=Invoice with TxnId=1" in answer.json()["Fault"]["Error"][0]["Detail"]
        await make(at, "Invoice", invoice_payload(DocNumber="77"), include="allowduplicatedocnum")


async def test_overpaying_and_deleting_linked_documents_are_business_errors() -> None:
    async with stand() as at:
        await make(at, "Bill", bill_payload(at.company))
        assert fault(await at.post("billpayment", bill_payment_payload(at.company, "1", "100.51"))) == (400, "6000")
        await make(at, "BillPayment", bill_payment_payload(at.company, "1", "100.50"))
        gone = await at.post("bill", {"Id": "1", "SyncToken": "1"}, operation="delete")
        assert fault(gone) == (400, "6000")
        assert check(at.company) == []


async def test_a_closed_period_refuses_writes() -> None:
    company = bare_company()
    company.close_date = "2026-10-31"
    async with stand(company) as at:
        assert fault(await at.post("bill", bill_payload(company, TxnDate="2026-10-31"))) == (400, "6210")
        await make(at, "Bill", bill_payload(company, TxnDate="2026-11-01"))


async def test_bytes_that_are_not_utf8_are_an_unsupported_operation() -> None:
    async with stand() as at:
        answer = await at.http.post(f"{at.base}/vendor", content=b'{"DisplayName":"Caf\xe9"}')
        assert fault(answer) == (400, "500")


async def test_foreign_bills_settle_with_the_difference_in_exchange_gain_or_loss() -> None:
    company = bare_company(multicurrency=True)
    vendor = writes.create(company, "Vendor", {"DisplayName": "Maple", "CurrencyRef": {"value": "CAD"}}, EARLIER)
    async with stand(company) as at:
        mine = {"VendorRef": {"value": vendor["Id"]}, "CurrencyRef": {"value": "CAD"}}
        bill = await make(at, "Bill", {**bill_payload(company, "1000.00"), **mine, "ExchangeRate": "0.75"})
        assert (bill["HomeBalance"], bill["APAccountRef"]["name"]) == (750.0, "Accounts Payable (A/P) - CAD")
        pay = bill_payment_payload(company, bill["Id"], "1000.00", ExchangeRate="0.72")
        await make(at, "BillPayment", {**pay, **mine})
        accounts = {row["Name"]: row["CurrentBalance"] for row in company.docs("Account")}
        assert accounts["Operating Checking"] == -720
        assert accounts["Accounts Payable (A/P) - CAD"] == 0
        assert check(company) == []
