"""Queries of the stand-in: grammar, order, pages and faults as Intuit documents and as was recorded."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from sandbox.books import Company, writes
from sandbox.books.values import decode
from tests.contract.qbo_sandbox_world import (
    EARLIER,
    Stand,
    bare_company,
    bill_payload,
    fault,
    invoice_payload,
    stand,
)


def ids(response: dict[str, list[dict[str, str]]], entity: str) -> list[str]:
    return [row["Id"] for row in response.get(entity, [])]


def company_with_bills(count: int) -> Company:
    company = bare_company()
    for number in range(count):
        value = f"{100 + number}.00"
        payload = bill_payload(company, value, DocNumber=f"B-{number}", TxnDate=f"2026-10-{number % 28 + 1:02d}")
        writes.create(company, "Bill", payload, EARLIER + timedelta(seconds=number // 2))
    return company


async def test_pages_carry_their_own_counts_and_an_empty_page_has_no_rows_key() -> None:
    async with stand(company_with_bills(5)) as at:
        page = await at.query("select * from Bill startposition 2 maxresults 3")
        assert (page["startPosition"], page["maxResults"], page["totalCount"]) == (2, 3, 3)
        assert await at.query("SELECT * FROM Bill STARTPOSITION 6") == {}
        assert await at.query("select count(*) from bill") == {"totalCount": 5}
        vendors = await at.query("select * from Vendor")
        assert "totalCount" not in vendors


async def test_transactions_come_newest_first_and_an_order_can_be_asked_for() -> None:
    async with stand(company_with_bills(6)) as at:
        page = await at.query("select * from Bill")
        stamps = [row["MetaData"]["LastUpdatedTime"] for row in page["Bill"]]
        assert stamps == sorted(stamps, reverse=True)
        ordered = await at.query("select * from Bill orderby MetaData.LastUpdatedTime asc")
        assert ids(ordered, "Bill") == ["1", "2", "3", "4", "5", "6"]
        spaced = await at.query("select * from Bill order by TotalAmt desc maxresults 2 startposition 1")
        assert ids(spaced, "Bill") == ["6", "5"]


async def test_a_keyset_walk_over_update_times_meets_every_row_once() -> None:
    async with stand(company_with_bills(9)) as at:
        seen: list[str] = []
        since = "2026-01-01T00:00:00-08:00"
        while True:
            page = await at.query(
                f"select * from Bill where MetaData.LastUpdatedTime >= '{since}' "
                "orderby MetaData.LastUpdatedTime asc maxresults 3"
            )
            fresh = [row for row in page.get("Bill", []) if row["Id"] not in seen]
            if not fresh:
                break
            seen += [row["Id"] for row in fresh]
            since = fresh[-1]["MetaData"]["LastUpdatedTime"]
        assert sorted(seen, key=int) == [str(number) for number in range(1, 10)]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("DocNumber = 'b-1'", ["2"]),
        ("DocNumber LIKE 'B-%'", ["1", "2", "3", "4"]),
        ("TotalAmt > '101.00' and TotalAmt <= '103'", ["3", "4"]),
        ("TotalAmt > 101 AND Balance > '0'", ["3", "4"]),
        ("VendorRef = '1' AND TxnDate < '2026-10-02'", ["1"]),
        ("Id IN ('4', '1', '99')", ["1", "4"]),
        ("TxnDate <= CURRENT_DATE", ["1", "2", "3", "4"]),
        ("metadata.createtime > '2026-11-02T09:00:00-08:00'", ["3", "4"]),
        ("MetaData.LastUpdatedTime < '2026-11-02T17:00:01Z'", ["1", "2"]),
    ],
)
async def test_conditions_select(where: str, found: list[str]) -> None:
    async with stand(company_with_bills(4)) as at:
        page = await at.query(f"Select Id, DocNumber from bill Where {where}")
        assert sorted(ids(page, "Bill")) == found


async def test_quotes_and_ampersands_in_values_are_found() -> None:
    company = bare_company()
    writes.create(company, "Vendor", {"DisplayName": "O'Brien & Söhne <Ltd>"}, EARLIER)
    async with stand(company) as at:
        page = await at.query(r"select * from Vendor where DisplayName = 'O\'Brien & Söhne <Ltd>'")
        assert ids(page, "Vendor") == ["3"]
        assert ids(await at.query("select * from Vendor where DisplayName = 'AT&T'"), "Vendor") == ["1"]


async def test_inactive_names_are_hidden_unless_asked_for() -> None:
    async with stand() as at:
        await at.mutate(op="inactivate", entity="Vendor", id="1")
        assert await at.query("select * from Vendor") == {}
        page = await at.query("select * from Vendor where Active IN (true, false)")
        assert page["Vendor"][0]["DisplayName"] == "AT&T (deleted)"
        assert await at.query("select count(*) from Vendor where Active = false") == {"totalCount": 1}


async def test_names_come_in_byte_order() -> None:
    company = bare_company()
    for name in ("alpha", "Zulu", "Émile"):
        writes.create(company, "Customer", {"DisplayName": name}, EARLIER)
    async with stand(company) as at:
        page = await at.query("select * from Customer")
        assert [row["DisplayName"] for row in page["Customer"]] == ["Fjord Café", "Zulu", "alpha", "Émile"]


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("select * from Custmoer", "4001", "invalid context declaration: Custmoer"),
        ("select * from Bill startposition 0", "4001", "value 0 is too small. Min allowed value is 1"),
        ("select * from Bill where Colour = '1'", "4001", "Property Colour not found"),
        ("select * from Bill where Id > '1'", "4001", "Id"),
        ("select * from Bill orderby Id", "4001", "ORDERBY"),
        ("select * from Bill where MetaData.LastUpdatedTime > '2026-11-20T00:00:00 08:00'", "4001", "DateTime"),
        ("select * from Bill where TotalAmt > 'x'", "4001", "not a number"),
        ("select * from Bill where TotalAmt = '1' or TotalAmt = '2'", "4000", "QueryParserError"),
        ("select * from Bill where TotalAmt != '1'", "4000", "QueryParserError"),
        ("update Bill", "4000", "QueryParserError"),
        ("select * from Bill where DocNumber = 'open", "4000", "QueryParserError"),
        ("select * from Bill group by VendorRef", "4000", "QueryParserError"),
    ],
)
async def test_bad_statements_are_refused_with_intuit_s_codes(statement: str, code: str, words: str) -> None:
    async with stand(company_with_bills(2)) as at:
        answer = await at.get("query", query=statement)
        assert fault(answer) == (400, code)
        assert words in answer.json()["Fault"]["Error"][0]["Detail"]


async def test_a_missing_statement_is_a_fault_inside_a_200() -> None:
    async with stand() as at:
        answer = await at.get("query")
        assert fault(answer) == (200, "10000")


async def test_post_takes_the_statement_as_body_or_in_the_address() -> None:
    async with stand(company_with_bills(1)) as at:
        body = await at.http.post(
            f"{at.base}/query", content="select count(*) from Bill", headers={"content-type": "application/text"}
        )
        address = await at.http.post(f"{at.base}/query", params={"query": "select count(*) from Bill"})
        for answer in (body, address):
            assert answer.json()["QueryResponse"] == {"totalCount": 1}


async def test_default_page_is_100_and_the_largest_1000() -> None:
    async with stand(company_with_bills(1101)) as at:
        assert len((await at.query("select * from Bill"))["Bill"]) == 100
        assert len((await at.query("select * from Bill maxresults 5000"))["Bill"]) == 1000


async def test_amounts_have_two_decimals_and_nothing_is_a_bare_zero() -> None:
    async with stand(company_with_bills(1)) as at:
        answer = await at.get("query", query="select * from Bill")
        assert b'"TotalAmt":100.00' in answer.content
        assert b'"CurrentBalance":0,' in (await at.get("query", query="select * from Account")).content


async def headers_of(at: Stand, accept: str) -> httpx.Headers:
    answer = await at.http.get(
        f"{at.base}/query", params={"query": "select * from Account"}, headers={"accept-encoding": accept}
    )
    return answer.headers


async def test_answers_carry_trace_version_and_gzip_on_request() -> None:
    async with stand() as at:
        plain, packed = await headers_of(at, "identity"), await headers_of(at, "gzip")
        assert plain["intuit_tid"] == plain["x-request-id"]
        assert plain["qbo-version"]
        assert plain["content-type"] == "application/json;charset=UTF-8"
        assert "content-encoding" not in plain
        assert packed["content-encoding"] == "gzip"


async def test_a_page_asked_for_again_is_the_same_until_the_books_change() -> None:
    company = company_with_bills(3)
    async with stand(company) as at:
        once, again = [await at.get("query", query="select * from Bill") for _ in range(2)]
        assert once.content == again.content
        writes.create(company, "Bill", bill_payload(company, "7.00", DocNumber="later"), EARLIER)
        changed = decode((await at.get("query", query="select * from Bill")).content)["QueryResponse"]["Bill"]
        assert [row["DocNumber"] for row in changed].count("later") == 1
        assert len(changed) == 4


async def test_times_carry_the_pacific_offset_of_their_own_day() -> None:
    company = bare_company()
    writes.create(company, "Invoice", invoice_payload(), EARLIER - timedelta(days=90))
    async with stand(company) as at:
        answer = await at.get("query", query="select * from Invoice")
        row = decode(answer.content)["QueryResponse"]["Invoice"][0]
        assert row["MetaData"]["CreateTime"].endswith("-07:00")
        assert answer.json()["time"] == "2026-11-21T09:00:00.000-08:00"


async def test_single_reads_find_miss_and_refuse() -> None:
    async with stand(company_with_bills(1)) as at:
        assert (await at.get("bill/1")).json()["Bill"]["DocNumber"] == "B-0"
        assert fault(await at.get("bill/77")) == (400, "610")
        assert fault(await at.get("bill/1.5")) == (400, "2030")
        assert fault(await at.get("bill/1/5")) == (400, "500")
        assert fault(await at.get("nonsense/1")) == (400, "500")
        assert (await at.get("companyinfo/1")).json()["CompanyInfo"]["Country"] == "USA"
        assert (await at.get("preferences")).json()["Preferences"]["VendorAndPurchasesPrefs"]["EnableBills"] is True
