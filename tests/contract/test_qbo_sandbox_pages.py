"""A link to a record leads to the record."""

from datetime import date

import httpx

from sandbox.books.characters import build
from sandbox.qbo.app import create_app
from sandbox.qbo.config import QboSandboxConfig


async def test_a_bill_has_a_page_and_an_unknown_one_says_so() -> None:
    company = build("harbor-pine", 1, date(2026, 11, 23))
    bill_id = next(iter(company.tables["Bill"]))
    transport = httpx.ASGITransport(create_app(QboSandboxConfig(companies=(company,))))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        found = await client.get("/app/bill", params={"txnId": bill_id})
        assert found.status_code == 200
        assert f"Bill {bill_id}" in found.text
        for path in ("/app/bill?txnId=none", "/app/nothing?txnId=1"):
            assert (await client.get(path)).status_code == 404
