"""`/_sandbox/…`: how tests and people steer the stand-in. JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.books.build import live_a_day
from sandbox.books.characters import build
from sandbox.books.check import check
from sandbox.books.company import Company
from sandbox.books.entities import ENTITIES
from sandbox.books.faults import BookFault
from sandbox.books.values import decode, encode, pacific_day
from sandbox.qbo import mutations
from sandbox.qbo.config import TokenMode, WebhookFormat
from sandbox.qbo.mischief import PageHook, Plan, RandomTrouble, Trouble
from sandbox.qbo.state import QboSandbox
from sandbox.recorded import load

_Handler = Callable[[QboSandbox, Request, dict[str, Any]], Awaitable[Any]]


def _json(data: Any, status: int = 200) -> Response:
    return Response(encode(data), status, media_type="application/json")


def _endpoint(handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
    """Wrong input is a 400 with the reason; what the books refuse is a 409."""

    async def run(request: Request) -> Response:
        body = await request.body()
        try:
            data = decode(body) if body else {}
            return _json(await handler(request.app.state.qbo, request, data))
        except BookFault as fault:
            return JSONResponse({"error": fault.detail, "code": fault.code}, 409)
        except (KeyError, ValueError, TypeError, AttributeError, FileNotFoundError, msgspec.DecodeError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

    return run


def _company(sandbox: QboSandbox, request: Request) -> Company:
    return sandbox.companies[request.path_params["realm"]]


async def _state(sandbox: QboSandbox, _request: Request, _data: dict[str, Any]) -> Any:
    return {
        "now": sandbox.clock.now().isoformat(),
        "offset_seconds": sandbox.clock.offset.total_seconds(),
        "companies": [
            {"realm": realm, "name": company.name, "notes": company.notes}
            for realm, company in sandbox.companies.items()
        ],
        "limits": sandbox.limits.enabled,
        "token_mode": sandbox.tokens.mode,
        "monthly_reads": sandbox.monthly_reads,
        "faults": len(sandbox.mischief.plans),
        "webhooks": {
            "enabled": sandbox.webhooks.enabled,
            "url": sandbox.webhooks.url,
            "format": sandbox.webhooks.format,
            "deliveries": len(sandbox.webhooks.deliveries),
        },
    }


async def _add_fault(sandbox: QboSandbox, _request: Request, data: dict[str, Any]) -> Any:
    """`{"trouble": "429", "times": 3, "skip": 0, "endpoint": "query", "entity": "Bill", "realm": …, "applied": …}`."""
    known = {item.name for item in fields(Plan)}
    unknown = data.keys() - known
    if unknown:
        raise ValueError(f"unknown fields {sorted(unknown)}; known are {sorted(known)}")
    numbers = {key: float(data[key]) for key in {"seconds"} & data.keys()}
    sandbox.mischief.plans.append(Plan(**{**data, **numbers, "trouble": Trouble(str(data["trouble"]))}))
    return {"faults": len(sandbox.mischief.plans)}


async def _clear_faults(sandbox: QboSandbox, _request: Request, _data: dict[str, Any]) -> Any:
    sandbox.mischief.clear()
    return {"faults": 0}


async def _random_faults(sandbox: QboSandbox, _request: Request, data: dict[str, Any]) -> Any:
    """`{"rate": 0.2, "troubles": ["429", "500", "reset"], "seed": 7}`; rate 0 switches it off."""
    troubles = tuple(Trouble(str(name)) for name in data.get("troubles", ["429", "500", "503", "html", "reset"]))
    if "seed" in data:
        sandbox.mischief.reseed(int(data["seed"]))
    rate = float(data["rate"])
    chance = RandomTrouble(rate, troubles, float(data.get("seconds", 0.05)))
    sandbox.mischief.chance = chance if rate else None
    return {"rate": rate, "troubles": troubles}


async def _add_hook(sandbox: QboSandbox, _request: Request, data: dict[str, Any]) -> Any:
    """`{"realm": …, "after_pages": 2, "entity": "Bill", "mutation": {"op": "delete", …}}`."""
    hook = PageHook(data["realm"], int(data["after_pages"]), data["mutation"], data.get("entity"))
    sandbox.mischief.hooks.append(hook)
    return {"hooks": len(sandbox.mischief.hooks)}


async def _settings(sandbox: QboSandbox, _request: Request, data: dict[str, Any]) -> Any:
    """Any of: limits, monthly_reads, latency_seconds, lenient_cdc, offset_seconds."""
    known = {"limits", "monthly_reads", "latency_seconds", "lenient_cdc", "offset_seconds"}
    if data.keys() - known:
        raise ValueError(f"unknown settings {sorted(data.keys() - known)}; known are {sorted(known)}")
    if "limits" in data:
        sandbox.limits.enabled = bool(data["limits"])
    if "monthly_reads" in data:
        sandbox.monthly_reads = None if data["monthly_reads"] is None else int(data["monthly_reads"])
    if "latency_seconds" in data:
        sandbox.mischief.latency_seconds = float(data["latency_seconds"])
    if "lenient_cdc" in data:
        sandbox.lenient_cdc = bool(data["lenient_cdc"])
    if "offset_seconds" in data:
        sandbox.clock.offset = timedelta(seconds=float(data["offset_seconds"]))
    return await _state(sandbox, _request, data)


async def _tokens(sandbox: QboSandbox, _request: Request, data: dict[str, Any]) -> Any:
    """`{"do": "connect|rotate|expire|revoke|expire-hard|hard-days|drop-response|mode", "realm": …}`."""
    realm, tokens = data.get("realm", ""), sandbox.tokens
    match data["do"]:
        case "connect":
            pair = tokens.connect(sandbox.companies[realm].realm)
            return {"access_token": pair.access_token, "refresh_token": pair.refresh_token}
        case "rotate":
            tokens.rotate(realm)
        case "expire":
            tokens.expire_access(realm)
        case "revoke":
            tokens.revoke_realm(realm, "disconnected by the user")
        case "expire-hard":
            tokens.expire_hard(realm)
        case "hard-days":
            tokens.set_hard_deadline(realm, float(data["days"]))
        case "drop-response":
            tokens.drop_next_response = True
        case "mode":
            tokens.mode = TokenMode(data["mode"])
        case other:
            raise ValueError(f"unknown action {other}")
    return {"refreshes": tokens.refreshes, "grants": len(tokens.grants)}


async def _mutate(sandbox: QboSandbox, request: Request, data: dict[str, Any]) -> Any:
    """One mutation, or `{"mutations": […]}` in order."""
    company = _company(sandbox, request)
    todo = data.get("mutations", [data])
    return {"docs": [mutations.apply(company, mutation, sandbox.clock.now()) for mutation in todo]}


async def _add_company(sandbox: QboSandbox, _request: Request, data: dict[str, Any]) -> Any:
    """`{"character": "restaurant", "seed": 3, "realm": …, "today": …, "until": …}` or `{"recorded": PATH}`."""
    realm = str(data.get("realm", ""))
    if "recorded" in data:
        company = load(data["recorded"], **({"realm": realm} if realm else {}))
    else:
        today = date.fromisoformat(data["today"]) if "today" in data else pacific_day(sandbox.clock.now())
        until = date.fromisoformat(data["until"]) if "until" in data else None
        company = build(data["character"], int(data.get("seed", 0)), today, until=until, realm=realm)
    sandbox.add([company])
    return {"realm": company.realm, "name": company.name, "notes": company.notes}


async def _live(sandbox: QboSandbox, request: Request, data: dict[str, Any]) -> Any:
    """`{"days": 1}`: the company lives on by itself; what it books is stamped now."""
    company = _company(sandbox, request)
    days = [live_a_day(company, stamped=sandbox.clock.now()) for _ in range(int(data.get("days", 1)))]
    return {"lived": [day.isoformat() for day in days]}


async def _truth(sandbox: QboSandbox, request: Request, _data: dict[str, Any]) -> Any:
    """Every live row as the API would return it, and every stub of a deleted one."""
    company = _company(sandbox, request)
    return {
        "realm": company.realm,
        "live": {entity: [row.doc() for row in company.tables[entity].values()] for entity in ENTITIES},
        "deleted": {entity: [row.doc() for row in company.tombstones[entity].values()] for entity in ENTITIES},
    }


async def _check(sandbox: QboSandbox, request: Request, _data: dict[str, Any]) -> Any:
    return {"problems": check(_company(sandbox, request))}


async def _ledger(sandbox: QboSandbox, request: Request, _data: dict[str, Any]) -> Any:
    realm = request.query_params.get("realm")
    entries = [entry.as_json() for entry in sandbox.ledger.entries if realm in (None, entry.realm)]
    return {**sandbox.ledger.summary(), "entries": entries}


async def _reset_ledger(sandbox: QboSandbox, _request: Request, _data: dict[str, Any]) -> Any:
    sandbox.ledger.reset()
    return sandbox.ledger.summary()


async def _webhooks(sandbox: QboSandbox, _request: Request, data: dict[str, Any]) -> Any:
    """Any of: enabled, url, format, duplicate, shuffle, verifier_token."""
    hooks = sandbox.webhooks
    for key in ("enabled", "duplicate", "shuffle"):
        if key in data:
            setattr(hooks, key, bool(data[key]))
    if "url" in data:
        hooks.url = data["url"]
    if "format" in data:
        hooks.format = WebhookFormat(data["format"])
    if "verifier_token" in data:
        hooks.verifier_token = str(data["verifier_token"])
    return (await _state(sandbox, _request, data))["webhooks"]


async def _flush_webhooks(sandbox: QboSandbox, _request: Request, _data: dict[str, Any]) -> Any:
    await sandbox.webhooks.flush()
    return [
        {"status": sent.status, "attempt": sent.attempt, "events": sent.events} for sent in sandbox.webhooks.deliveries
    ]


ROUTES = [
    Route("/_sandbox/state", _endpoint(_state), methods=["GET"]),
    Route("/_sandbox/settings", _endpoint(_settings), methods=["POST"]),
    Route("/_sandbox/faults", _endpoint(_add_fault), methods=["POST"]),
    Route("/_sandbox/faults", _endpoint(_clear_faults), methods=["DELETE"]),
    Route("/_sandbox/faults/random", _endpoint(_random_faults), methods=["POST"]),
    Route("/_sandbox/hooks", _endpoint(_add_hook), methods=["POST"]),
    Route("/_sandbox/tokens", _endpoint(_tokens), methods=["POST"]),
    Route("/_sandbox/ledger", _endpoint(_ledger), methods=["GET"]),
    Route("/_sandbox/ledger", _endpoint(_reset_ledger), methods=["DELETE"]),
    Route("/_sandbox/webhooks", _endpoint(_webhooks), methods=["POST"]),
    Route("/_sandbox/webhooks/flush", _endpoint(_flush_webhooks), methods=["POST"]),
    Route("/_sandbox/companies", _endpoint(_add_company), methods=["POST"]),
    Route("/_sandbox/companies/{realm}/mutate", _endpoint(_mutate), methods=["POST"]),
    Route("/_sandbox/companies/{realm}/live", _endpoint(_live), methods=["POST"]),
    Route("/_sandbox/companies/{realm}/truth", _endpoint(_truth), methods=["GET"]),
    Route("/_sandbox/companies/{realm}/check", _endpoint(_check), methods=["GET"]),
]
