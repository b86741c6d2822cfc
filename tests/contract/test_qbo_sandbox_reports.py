"""Reports of the stand-in agree with the documents, attachments link to them, companies come and live on."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.books import Company, build
from sandbox.books.values import decimal
from tests.contract.qbo_sandbox_world import TODAY, Stand, bill_payload, fault, stand
from tests.raised import company_of


async def report(at: Stand, name: str, **params: str) -> Any:
    answer = await at.get(f"reports/{name}", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def total(body: Any, group: str) -> Decimal:
    """The last figure of a section's summary."""
    row = next(row for row in body["Rows"]["Row"] if row.get("group") == group)
    return decimal(row["Summary"]["ColData"][-1]["value"])


def balance(company: Company, kind: str) -> Decimal:
    return sum(
        (decimal(doc["CurrentBalance"]) for doc in company.docs("Account") if doc["AccountType"] == kind), Decimal(0)
    )


async def test_aged_payables_and_receivables_add_up_to_their_accounts() -> None:
    company = company_of("law-firm", seed=1, today=TODAY)
    async with stand(company) as at:
        payables, receivables = await report(at, "AgedPayables"), await report(at, "AgedReceivables")
        assert total(payables, "GrandTotal") == -balance(company, "Accounts Payable")
        assert total(receivables, "GrandTotal") == balance(company, "Accounts Receivable")
        cells = [decimal(cell["value"]) for cell in receivables["Rows"]["Row"][-1]["Summary"]["ColData"][1:]]
        assert sum(cells[:-1]) == cells[-1]
        assert all(isinstance(cell["value"], str) for row in payables["Rows"]["Row"] for cell in row.get("ColData", ()))


async def test_the_balance_sheet_balances_and_shows_the_banks() -> None:
    company = company_of("soloist", seed=1, today=TODAY)
    async with stand(company) as at:
        sheet = await report(at, "BalanceSheet")
        assets = [total(sheet, group) for group in ("BankAccounts", "AR", "OtherCurrentAssets", "FixedAssets")]
        debts = ("AP", "CreditCards", "OtherCurrentLiabilities", "LongTermLiabilities")
        owed = [total(sheet, group) for group in debts]
        assert sum(assets) == sum(owed) + total(sheet, "Equity")
        assert assets[0] == balance(company, "Bank")


async def test_a_past_balance_sheet_shows_the_past() -> None:
    company = company_of("soloist", seed=1, today=TODAY)
    then = build("soloist", 1, TODAY, until=TODAY.replace(month=9, day=1))
    async with stand(company) as at:
        sheet = await report(at, "BalanceSheet", report_date="2026-08-31")
        assert total(sheet, "BankAccounts") == balance(then, "Bank")


async def test_empty_books_say_there_is_no_data_and_unknown_reports_are_denied() -> None:
    async with stand() as at:
        header = (await report(at, "AgedPayables"))["Header"]
        assert {"Name": "NoReportData", "Value": "true"} in header["Option"]
        assert fault(await at.get("reports/ARAgingSummary")) == (400, "5020")


async def test_notes_and_files_attach_to_documents_that_exist() -> None:
    async with stand() as at:
        await at.post("bill", bill_payload(at.company))
        link = {"Note": "scan", "AttachableRef": [{"EntityRef": {"type": "Bill", "value": "1"}}]}
        note = (await at.post("attachable", link)).json()["Attachable"]
        assert len(note["Id"]) == 19
        lost = {"AttachableRef": [{"EntityRef": {"type": "Bill", "value": "9"}}]}
        files = {
            "file_metadata_01": ("m.json", json.dumps({**link, "FileName": "bill.pdf"}).encode()),
            "file_content_01": ("bill.pdf", b"%PDF-1.4 test"),
            "file_metadata_02": ("n.json", json.dumps(lost).encode()),
            "file_content_02": ("none.txt", b"x"),
        }
        answer = await at.http.post(f"{at.base}/upload", files=files)
        stored, refused = answer.json()["AttachableResponse"]
        assert (stored["Attachable"]["FileName"], stored["Attachable"]["Size"]) == ("bill.pdf", 13)
        assert refused["Fault"]["Error"][0]["code"] == "6000"
        assert len((await at.query("select * from Attachable"))["Attachable"]) == 2


async def test_a_company_can_join_while_the_stand_in_runs_and_live_on() -> None:
    async with stand() as at:
        joined = await at.control("companies", {"character": "soloist", "seed": 2})
        pair = await at.control("tokens", {"do": "connect", "realm": joined["realm"]})
        headers = {"authorization": f"Bearer {pair['access_token']}"}
        info = await at.http.get(f"/v3/company/{joined['realm']}/companyinfo/1", headers=headers)
        assert info.json()["CompanyInfo"]["CompanyName"] == "Inés Barros Consulting"
        lived = await at.control(f"companies/{joined['realm']}/live", {"days": 9})
        assert lived["lived"][0] == TODAY.isoformat()
        changed = await at.http.get(
            f"/v3/company/{joined['realm']}/cdc",
            headers=headers,
            params={
                "entities": "Bill,BillPayment,Invoice,Payment,Purchase",
                "changedSince": "2026-11-21T09:00:00-08:00",
            },
        )
        assert "Id" in changed.text
        problems = await at.http.get(f"/_sandbox/companies/{joined['realm']}/check")
        assert problems.json() == {"problems": []}


@pytest.mark.parametrize("order", [{"character": "nobody"}, {"recorded": "/nowhere"}, {}])
async def test_an_unknown_company_is_refused(order: dict[str, str], tmp_path: Path) -> None:
    async with stand() as at:
        assert (await at.http.post("/_sandbox/companies", json=order)).status_code == 400
