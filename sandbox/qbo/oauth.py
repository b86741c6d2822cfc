"""Intuit's side of OAuth 2: the consent page, tokens, revocation, the discovery document."""

from __future__ import annotations

import asyncio
import base64
import binascii
import html
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sandbox.books.values import decode
from sandbox.qbo.lines import BrokenLine
from sandbox.qbo.mischief import Plan, Trouble
from sandbox.qbo.state import QboSandbox
from sandbox.qbo.tokens import TokenPair, TokenRefused
from sandbox.qbo.wire import new_tid

SCOPE = "com.intuit.quickbooks.accounting"
_HARD_HEADER = "x-include-refresh-token-hard-expires-in"

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Connect to QuickBooks (sandbox)</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}
label{{display:block;margin:.5rem 0}}button{{font:inherit;padding:.5rem 1rem;margin-right:.5rem}}</style></head><body>
<h1>Choose a company</h1><p>An app asks for access to the accounting data of one company.</p>
<form method="post">{hidden}{choices}
<p><button name="decision" value="connect">Connect</button><button name="decision" value="cancel">Cancel</button></p>
</form></body></html>"""


def _sandbox(request: Request) -> QboSandbox:
    sandbox: QboSandbox = request.app.state.qbo
    return sandbox


def _problem(sandbox: QboSandbox, asked: dict[str, str]) -> str | None:
    if asked.get("client_id") != sandbox.config.client_id:
        return "The client id is unknown."
    if asked.get("redirect_uri") not in sandbox.config.redirect_uris:
        return "The redirect_uri query parameter value is invalid. Make sure it is listed in the Redirect URIs section."
    if asked.get("response_type") != "code" or SCOPE not in asked.get("scope", "").split():
        return "The scope or response type is invalid."
    return None if asked.get("state") else "The state is missing."


async def authorize(request: Request) -> Response:
    """The page a person sees: pick a company, then Connect or Cancel."""
    sandbox = _sandbox(request)
    asked = dict(request.query_params)
    problem = _problem(sandbox, asked)
    if problem:
        return HTMLResponse(f"<h1>Sorry, something went wrong</h1><p>{html.escape(problem)}</p>", 400)
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(key)}" value="{html.escape(value)}">' for key, value in asked.items()
    )
    choices = "".join(
        f'<label><input type="radio" name="realm" value="{realm}"{" checked" if index == 0 else ""}> '
        f"{html.escape(company.name)}</label>"
        for index, (realm, company) in enumerate(sandbox.companies.items())
    )
    return HTMLResponse(_PAGE.format(hidden=hidden, choices=choices))


async def decide(request: Request) -> Response:
    sandbox = _sandbox(request)
    asked = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
    problem = _problem(sandbox, asked)
    if problem:
        return HTMLResponse(f"<h1>Sorry, something went wrong</h1><p>{html.escape(problem)}</p>", 400)
    realm = asked.get("realm", "")
    if asked.get("decision") != "connect" or realm not in sandbox.companies:
        return RedirectResponse(_back(asked, error="access_denied"), 302)
    code = sandbox.tokens.issue_code(realm, asked["redirect_uri"])
    return RedirectResponse(_back(asked, code=code, realmId=realm), 302)


def _back(asked: dict[str, str], **answer: str) -> str:
    return f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}"


async def token(request: Request) -> Response:
    sandbox = _sandbox(request)
    form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
    plan = sandbox.mischief.find("", "token", "")
    if plan is not None and not plan.applied:
        return await _trouble(plan)
    try:
        _authenticate(sandbox, request, form)
        pair = _grant(sandbox, form)
    except TokenRefused as refused:
        return _refusal(refused)
    if plan is not None:
        return await _trouble(plan)
    if sandbox.tokens.drop_next_response:
        sandbox.tokens.drop_next_response = False
        return BrokenLine()
    hard = request.headers.get(_HARD_HEADER, "").lower() == "true"
    fields = {"intuit_tid": new_tid(), "cache-control": "no-cache, no-store"}
    return JSONResponse(_pair(pair, hard=hard), headers=fields)


async def _trouble(plan: Plan) -> Response:
    """A broken token endpoint: a cut line, silence and then 504, a page, or a bare status."""
    if plan.trouble is Trouble.RESET:
        return BrokenLine()
    if plan.trouble is Trouble.TIMEOUT:
        await asyncio.sleep(plan.seconds)
        return Response(b"", 504)
    if plan.trouble is Trouble.HTML:
        return HTMLResponse("<html><body><h1>Service temporarily unavailable</h1></body></html>", 500)
    status = int(plan.trouble) if plan.trouble.isdigit() else 500
    return _refusal(TokenRefused("invalid_client" if status == 401 else "server_error", None, status))


def _authenticate(sandbox: QboSandbox, request: Request, form: dict[str, str]) -> None:
    """The client by Basic authentication or by fields of the form; raises TokenRefused."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    given = (form.get("client_id", ""), form.get("client_secret", ""))
    if scheme.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise TokenRefused("invalid_client", None, 401) from None
        given = (client, secret)
    if given != (sandbox.config.client_id, sandbox.config.client_secret):
        raise TokenRefused("invalid_client", None, 401)


def _grant(sandbox: QboSandbox, form: dict[str, str]) -> TokenPair:
    match form.get("grant_type"):
        case "authorization_code":
            return sandbox.tokens.exchange(form.get("code", ""), form.get("redirect_uri", ""))
        case "refresh_token":
            return sandbox.tokens.refresh(form.get("refresh_token", ""))
        case _:
            raise TokenRefused("unsupported_grant_type")


def _refusal(refused: TokenRefused) -> Response:
    body = {"error": refused.error}
    if refused.description:
        body["error_description"] = refused.description
    return JSONResponse(body, refused.status, headers={"intuit_tid": new_tid()})


def _pair(pair: TokenPair, *, hard: bool) -> dict[str, object]:
    body: dict[str, object] = {
        "token_type": "bearer",
        "access_token": pair.access_token,
        "expires_in": pair.expires_in,
        "refresh_token": pair.refresh_token,
        "x_refresh_token_expires_in": pair.refresh_expires_in,
    }
    if hard:
        body["x_refresh_token_hard_expires_in"] = pair.hard_expires_in
    return body


async def revoke(request: Request) -> Response:
    """JSON (as Intuit's own client sends) or a form; 200 with an empty body."""
    sandbox = _sandbox(request)
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        try:
            fields = decode(body)
        except msgspec.DecodeError:
            return _refusal(TokenRefused("invalid_request"))
    else:
        fields = {key: values[0] for key, values in parse_qs(body.decode()).items()}
    try:
        _authenticate(sandbox, request, {})
    except TokenRefused as refused:
        return _refusal(refused)
    if not sandbox.tokens.revoke_token(str(fields.get("token", ""))):
        return _refusal(TokenRefused("invalid_request"))
    return Response(b"", 200, headers={"intuit_tid": new_tid()})


async def discovery(request: Request) -> Response:
    base = str(request.base_url).rstrip("/")
    return JSONResponse(
        {
            "issuer": "https://oauth.platform.intuit.com/op/v1",
            "authorization_endpoint": f"{base}/connect/oauth2",
            "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
            "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
            "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
            "jwks_uri": f"{base}/op/v1/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "address", "phone", SCOPE],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
        }
    )
