"""A recorded company is served as recorded, and can be read, captured and written to like any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.recorded import load
from tests.contract.qbo_sandbox_world import stand

ANSWER = {
    "QueryResponse": {
        "Bill": [
            {
                "DueDate": "2026-05-01",
                "Balance": 205,
                "domain": "QBO",
                "sparse": False,
                "Id": "126",
                "SyncToken": "5",
                "MetaData": {"CreateTime": "2026-04-08T13:10:36-07:00", "LastUpdatedTime": "2026-05-05T03:14:55-07:00"},
                "TxnDate": "2026-04-08",
                "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
                "SalesTermRef": {"value": "3"},
                "VendorRef": {"value": "46", "name": "Norton Lumber"},
                "APAccountRef": {"value": "33", "name": "Accounts Payable (A/P)"},
                "TotalAmt": 205,
                "Line": [
                    {
                        "Id": "1",
                        "LineNum": 1,
                        "Amount": 205,
                        "DetailType": "AccountBasedExpenseLineDetail",
                        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "7", "name": "Advertising"}},
                    }
                ],
            }
        ],
        "startPosition": 1,
        "maxResults": 1,
        "totalCount": 1,
    },
    "time": "2026-05-05T03:15:13.193-07:00",
}
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "qbo" / "craigs-2026"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "query-Bill.json").write_text(json.dumps(ANSWER))
    newer = json.loads(json.dumps(ANSWER))
    newer["time"] = "2026-05-05T04:00:00.000-07:00"
    newer["QueryResponse"]["Bill"][0]["PrivateNote"] = "later"
    (tmp_path / "query-Bill-again.json").write_text(json.dumps(newer))
    (tmp_path / "query-Nonsense.json").write_text("{}")
    (tmp_path / "writes.json").write_text("[]")
    return tmp_path


async def test_rows_come_back_as_written_and_the_later_recording_wins(folder: Path) -> None:
    async with stand(load(f"recorded:{folder}")) as at:
        answer = await at.get("query", query="select * from Bill")
        assert b'"TotalAmt":205,' in answer.content
        assert answer.json()["QueryResponse"]["Bill"][0]["PrivateNote"] == "later"
        assert await at.query("select * from Invoice") == {}


async def test_what_was_not_recorded_is_made_up_and_said_so(folder: Path) -> None:
    company = load(folder)
    async with stand(company) as at:
        assert (await at.get("companyinfo/1")).status_code == 200
        assert (await at.get("preferences")).status_code == 200
        state = (await at.http.get("/_sandbox/state")).json()
        assert any("CompanyInfo" in note for note in state["companies"][0]["notes"])


async def test_an_edit_does_not_trip_over_rows_nobody_recorded(folder: Path) -> None:
    async with stand(load(folder)) as at:
        edit = {"Id": "126", "SyncToken": "5", "sparse": True, "VendorRef": {"value": "46"}, "PrivateNote": "mine"}
        bill = (await at.post("bill", edit)).json()["Bill"]
        assert (bill["PrivateNote"], bill["SyncToken"], bill["Balance"]) == ("mine", "6", 205)
        answer = await at.get("cdc", entities="Bill,Vendor", changedSince="2026-11-21T00:00:00-08:00")
        slots = answer.json()["CDCResponse"][0]["QueryResponse"]
        assert (slots[0]["Bill"][0]["Id"], slots[1]) == ("126", {})
        made = await at.post("vendor", {"DisplayName": "New"})
        assert made.json()["Vendor"]["Id"] == "1"


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded company under {SHARED}")
async def test_the_recorded_company_is_served_row_by_row_and_takes_payments() -> None:
    company = load(f"recorded:{SHARED}")
    async with stand(company) as at:
        for entity in ("Account", "Bill", "Vendor", "Customer", "Invoice", "Purchase", "Deposit", "JournalEntry"):
            recorded: list[dict[str, Any]] = json.loads((SHARED / f"query-{entity}.json").read_text())["QueryResponse"][
                entity
            ]
            page = json.loads((await at.get("query", query=f"select * from {entity} maxresults 1000")).content)
            by_id = {row["Id"]: row for row in page["QueryResponse"][entity]}
            assert by_id == {row["Id"]: row for row in recorded}
        open_bills = await at.query("select * from Bill where Balance > '0' maxresults 1")
        paid = await at.mutate(op="pay_bill", id=open_bills["Bill"][0]["Id"])
        bill = (await at.get(f"bill/{open_bills['Bill'][0]['Id']}")).json()["Bill"]
        assert (bill["Balance"], bill["LinkedTxn"][0]["TxnId"]) == (0, paid["Id"])
        assert int(paid["Id"]) > 193
