"""A QuickBooks stand-in with one connected company, for the contract tests to talk to."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from sandbox.books import Company, chart, writes
from sandbox.books.values import Doc, day_at, decode, ref
from sandbox.qbo import QboSandbox, QboSandboxConfig, create_app

TODAY = date(2026, 11, 21)
NOW = day_at(TODAY, 9)
EARLIER = day_at(date(2026, 11, 2), 9)
REDIRECT = "http://127.0.0.1:8000/qbo/callback"
REALM = "9130000000000001"


def bare_company(realm: str = REALM, *, multicurrency: bool = False) -> Company:
    """Standard lists, one vendor (Id 1) and one customer (Id 2), no transaction."""
    company = Company(realm, "Bare Ltd", multicurrency=multicurrency)
    chart.furnish(company, EARLIER, ("CAD",) if multicurrency else ())
    chart.add_company_rows(company, EARLIER, "Testing")
    writes.create(company, "Vendor", {"DisplayName": "AT&T", "TermRef": ref("4")}, EARLIER)
    customer = {"DisplayName": "Fjord Café", "PrimaryEmailAddr": {"Address": "ap@fjord.example"}}
    writes.create(company, "Customer", customer, EARLIER)
    return company


def account(company: Company, name: str) -> Doc:
    return ref(chart.named(company, "Account", name))


def bill_payload(company: Company, value: str = "100.50", **more: object) -> Doc:
    detail = {"AccountRef": account(company, "Utilities")}
    line = {"Amount": value, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    return {"VendorRef": ref("1"), "Line": [line], **more}


def bill_payment_payload(company: Company, bill: str, value: str, **more: object) -> Doc:
    bank = {"BankAccountRef": account(company, "Operating Checking")}
    line = {"Amount": value, "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}
    return {"VendorRef": ref("1"), "PayType": "Check", "CheckPayment": bank, "TotalAmt": value, "Line": [line], **more}


def invoice_payload(value: str = "1000", **more: object) -> Doc:
    line = {"Amount": value, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": ref("1")}}
    return {"CustomerRef": ref("2"), "Line": [line], **more}


def payment_payload(invoice: str, value: str) -> Doc:
    line = {"Amount": value, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    return {"CustomerRef": ref("2"), "TotalAmt": value, "Line": [line]}


@dataclass
class Stand:
    """The running stand-in and a client connected to its first company."""

    app: Starlette
    http: httpx.AsyncClient
    company: Company
    clock: list[datetime]

    @property
    def sandbox(self) -> QboSandbox:
        sandbox: QboSandbox = self.app.state.qbo
        return sandbox

    @property
    def base(self) -> str:
        return f"/v3/company/{self.company.realm}"

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.http.get(f"{self.base}/{path}", params=params)

    async def post(self, path: str, payload: Any, **params: str) -> httpx.Response:
        return await self.http.post(f"{self.base}/{path}", json=payload, params=params)

    async def query(self, statement: str) -> Any:
        answer = await self.get("query", query=statement)
        assert answer.status_code == 200, answer.text
        return decode(answer.content)["QueryResponse"]

    async def control(self, path: str, payload: Any) -> Any:
        answer = await self.http.post(f"/_sandbox/{path}", json=payload)
        assert answer.status_code == 200, answer.text
        return decode(answer.content)

    async def mutate(self, **mutation: Any) -> Any:
        return (await self.control(f"companies/{self.company.realm}/mutate", mutation))["docs"][0]


def fault(answer: httpx.Response) -> tuple[int, str]:
    """HTTP status and error code of a service fault."""
    return answer.status_code, answer.json()["Fault"]["Error"][0]["code"]


@asynccontextmanager
async def stand(*companies: Company, **settings: Any) -> AsyncIterator[Stand]:
    served = companies or (bare_company(),)
    clock = [NOW]
    config = QboSandboxConfig(companies=served, redirect_uris=(REDIRECT,), now=lambda: clock[0], **settings)
    app = create_app(config)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://qbo.test") as http:
        pair = app.state.qbo.tokens.connect(served[0].realm)
        http.headers["authorization"] = f"Bearer {pair.access_token}"
        yield Stand(app, http, served[0], clock)
        await app.state.qbo.webhooks.stop()


@contextmanager
def served(company: Company) -> Iterator[tuple[str, dict[str, str], QboSandbox]]:
    """The stand-in behind a real server on loopback: its address, headers of a connected app, and its state."""
    app = create_app(QboSandboxConfig(companies=(company,), redirect_uris=(REDIRECT,), now=lambda: NOW))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        pair = app.state.qbo.tokens.connect(company.realm)
        yield f"http://127.0.0.1:{port}", {"authorization": f"Bearer {pair.access_token}"}, app.state.qbo
    finally:
        server.should_exit = True
        thread.join(timeout=1)
        server.force_exit = True
        thread.join()
