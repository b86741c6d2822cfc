"""Where a link to a record leads: the plainest page of it, as QuickBooks' own web application has one."""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.books.values import encode
from sandbox.qbo.state import QboSandbox

# The forms of app.qbo.intuit.com, and the entity that each shows.
FORMS = {
    "bill": "Bill",
    "invoice": "Invoice",
    "expense": "Purchase",
    "vendordetail": "Vendor",
    "customerdetail": "Customer",
    "register": "Account",
    "recvpayment": "Payment",
    "billpayment": "BillPayment",
    "creditmemo": "CreditMemo",
    "vendorcredit": "VendorCredit",
}
_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
    "<body style='font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem'>"
    "<h1>{title}</h1><p>{company}. This is a local stand-in for QuickBooks.</p>"
    "<pre style='white-space:pre-wrap'>{row}</pre>"
)


async def show(request: Request) -> Response:
    """The record of the first company that has one of this id."""
    sandbox: QboSandbox = request.app.state.qbo
    entity = FORMS.get(request.path_params["form"], "")
    query = request.query_params
    row_id = query.get("txnId") or query.get("nameId") or query.get("accountId") or ""
    for company in sandbox.companies.values():
        row = company.tables[entity].get(row_id) if entity else None
        if row is not None:
            title, text = f"{entity} {row_id}", encode(row.doc()).decode()
            shown = {"title": title, "company": company.name, "row": text.replace(',"', ',\n"')}
            return HTMLResponse(_PAGE.format(**{key: html.escape(value) for key, value in shown.items()}))
    return HTMLResponse("<!doctype html><p>There is no such record.</p>", 404)
