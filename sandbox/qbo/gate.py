"""The way of every `/v3` request: token, limits, quota, mischief, the service itself, the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from sandbox.books.faults import BookFault, stale_object
from sandbox.books.values import decode, encode
from sandbox.qbo import mutations
from sandbox.qbo.lines import BrokenLine, drip, gzip_bomb
from sandbox.qbo.meter import Entry
from sandbox.qbo.mischief import SPOILERS, Plan, Trouble
from sandbox.qbo.service import Call, classify, perform
from sandbox.qbo.state import QboSandbox
from sandbox.qbo.wire import (
    Answer,
    fault_answer,
    forbidden,
    gateway_fault,
    html_page,
    new_tid,
    server_fault,
    throttle_fault,
    throttled,
    to_response,
    unauthorized,
    xml_fault,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request on its way through the gate."""

    sandbox: QboSandbox
    realm: str
    call: Call
    tid: str

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def record(self, answer: Answer) -> None:
        reads = answer.reads if answer.ok else 0
        entity = answer.entity or self.call.entity
        self.sandbox.ledger.record(
            Entry(
                self.now,
                self.realm,
                self.call.method,
                self.call.endpoint,
                entity,
                answer.status,
                self.tid,
                reads,
                answer.detail,
            )
        )

    def finish(self, answer: Answer) -> Response:
        self.record(answer)
        response = to_response(answer, self.tid, compress=self.sandbox.config.compress and self.call.accepts_gzip)
        if answer.status == 401:
            response.headers["www-authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
        return response


async def serve(request: Request) -> Response:
    sandbox: QboSandbox = request.app.state.qbo
    realm = request.path_params["realm"]
    call = classify(request.method, request.path_params["rest"], dict(request.query_params), await request.body())
    call.content_type = request.headers.get("content-type", "")
    call.accepts_gzip = "gzip" in request.headers.get("accept-encoding", "")
    visit = Visit(sandbox, realm, call, new_tid())
    refused = _refuse(visit, request)
    if refused is not None:
        return visit.finish(refused)
    sandbox.limits.enter(realm)
    try:
        return await _admitted(visit)
    finally:
        sandbox.limits.leave(realm)


async def _admitted(visit: Visit) -> Response:
    mischief = visit.sandbox.mischief
    if mischief.latency_seconds:
        await asyncio.sleep(mischief.latency_seconds)
    plan = mischief.find(visit.realm, visit.call.endpoint, visit.call.entity)
    if plan is None:
        return visit.finish(_answer(visit, None))
    if plan.trouble in SPOILERS:
        return _spoil(visit, plan, _answer(visit, plan))
    if plan.applied:
        _answer(visit, plan)
    return await _break(visit, plan)


def _refuse(visit: Visit, request: Request) -> Answer | None:
    sandbox, realm, now = visit.sandbox, visit.realm, visit.now
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    opened = sandbox.tokens.find_realm(token) if scheme.lower() == "bearer" else None
    if opened is None:
        return unauthorized(now)
    if opened != realm or realm not in sandbox.companies:
        return forbidden(now)
    if not sandbox.limits.admit(realm, visit.call.endpoint) or sandbox.over_quota():
        return throttled(now)
    return None


def _answer(visit: Visit, plan: Plan | None) -> Answer:
    sandbox, call, now = visit.sandbox, visit.call, visit.now
    company = sandbox.companies[visit.realm]
    throttle_item = 0 if plan and plan.trouble is Trouble.ITEM_FAULT else None
    try:
        answer = perform(sandbox, company, call, now, throttle_item=throttle_item)
    except BookFault as fault:
        return fault_answer(fault, now)
    for name in call.pages_served:
        for mutation in sandbox.mischief.due_hooks(company.realm, name):
            mutations.apply(company, mutation, now)
    return answer


_LOST_RIGHTS = "Authorization Failure -11014 You do not have access"


def _fault_in_200(now: datetime) -> Answer:
    fault = server_fault()
    fault.http = 200
    return fault_answer(fault, now)


_REPLACEMENTS: dict[Trouble, Callable[[datetime], Answer]] = {
    Trouble.UNAUTHORIZED: unauthorized,
    Trouble.LOST_RIGHTS: lambda now: gateway_fault(
        401, "120", "AuthorizationFailure", _LOST_RIGHTS, kind="AuthorizationFault", now=now
    ),
    Trouble.FORBIDDEN: forbidden,
    Trouble.THROTTLED: throttled,
    Trouble.THROTTLED_UPPER: lambda now: fault_answer(throttle_fault(), now),
    Trouble.THROTTLED_XML: lambda now: xml_fault(throttle_fault(), now),
    Trouble.SERVER_ERROR: lambda now: fault_answer(server_fault(), now),
    Trouble.UNAVAILABLE: lambda _now: html_page(503),
    Trouble.HTML: lambda _now: html_page(500),
    Trouble.XML: lambda now: xml_fault(server_fault(), now),
    Trouble.FAULT_IN_200: _fault_in_200,
    Trouble.STALE: lambda now: fault_answer(stale_object(), now),
}


def _gateway_timeout(_now: datetime) -> Answer:
    return Answer(b"", 504, "text/plain", detail="gateway timeout")


async def _break(visit: Visit, plan: Plan) -> Response:
    if plan.trouble is Trouble.TIMEOUT:
        await asyncio.sleep(plan.seconds)
    if plan.trouble in {Trouble.RESET, Trouble.BOMB}:
        visit.record(Answer(b"", 0, detail=plan.trouble))
        return BrokenLine() if plan.trouble is Trouble.RESET else gzip_bomb(visit.tid, plan.megabytes)
    return visit.finish(_REPLACEMENTS.get(plan.trouble, _gateway_timeout)(visit.now))


def _spoil(visit: Visit, plan: Plan, answer: Answer) -> Response:
    """A good answer that arrives damaged."""
    if plan.trouble is Trouble.DRIP:
        visit.record(answer)
        return drip(answer, visit.tid, plan.seconds)
    if plan.trouble is Trouble.CUT:
        visit.record(answer)
        return BrokenLine(answer.whole[: len(answer.whole) // 2], len(answer.whole))
    spoil = _SPOILED.get(plan.trouble)
    return visit.finish(replace(answer, body=spoil(answer.whole), tail=b"") if spoil else answer)


def _with_nan(body: bytes) -> bytes:
    for key in (b'"TotalAmt":', b'"Balance":', b'"CurrentBalance":'):
        head, found, tail = body.partition(key)
        if found:
            end = min(index for mark in (b",", b"}") if (index := tail.find(mark)) >= 0)
            return head + found + b"NaN" + tail[end:]
    return body


def _without_id(body: bytes) -> bytes:
    """The first row of the first list loses its Id."""
    document = decode(body)
    changed = [part for answer in document.get("CDCResponse", ()) for part in answer["QueryResponse"]]
    for value in [value for part in (document.get("QueryResponse", {}), *changed) for value in part.values()]:
        if isinstance(value, list) and value:
            value[0].pop("Id", None)
            return encode(document)
    for value in document.values():
        if isinstance(value, dict):
            value.pop("Id", None)
    return encode(document)


_SPOILED: dict[Trouble, Callable[[bytes], bytes]] = {
    Trouble.TRUNCATED: lambda body: body[: len(body) * 2 // 3],
    Trouble.NAN: _with_nan,
    Trouble.MISSING_ID: _without_id,
    Trouble.DUPLICATE_KEYS: lambda body: body.replace(b'"Id":"', b'"Id":"0","Id":"', 1),
    Trouble.LIVE_AS_DELETED: lambda body: body.replace(b'"domain":"QBO"', b'"domain":"QBO","status":"Deleted"', 1),
}
