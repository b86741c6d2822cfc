"""Answers as bytes: Intuit's headers, its fault bodies in every dialect, and gzip."""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from starlette.responses import Response

from sandbox.books.faults import BookFault
from sandbox.books.values import Doc, encode, envelope_time

JSON = "application/json;charset=UTF-8"
XML = "application/xml;charset=UTF-8"


def new_tid() -> str:
    return f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"


@dataclass(slots=True)
class Answer:
    """What will be sent: `body`, which may be the same as in an answer before, and after it `tail`, which is not."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    reads: int = 0
    entity: str = ""
    detail: str = ""
    tail: bytes = b""

    @property
    def whole(self) -> bytes:
        return self.body + self.tail

    @property
    def ok(self) -> bool:
        return self.status < 300


def headers(answer: Answer, tid: str) -> dict[str, str]:
    """The headers of recorded answers; faults come without the service's own."""
    common = {
        "content-type": answer.media_type,
        "intuit_tid": tid,
        "x-request-id": tid,
        "x-spanid": secrets.token_hex(16),
        "strict-transport-security": "max-age=31536000",
        "server": "istio-envoy",
    }
    if not answer.ok:
        return {**common, "content-type": answer.media_type.partition(";")[0]}
    return {
        **common,
        "qbo-version": "2073.223",
        "service-time": "total=32, db=26",
        "x-envoy-upstream-service-time": "33",
        "expires": "0",
        "cache-control": "max-age=0, no-cache, no-store, must-revalidate, private",
    }


def to_response(answer: Answer, tid: str, *, compress: bool) -> Response:
    fields = headers(answer, tid)
    if not compress or len(answer.body) <= 500:
        return Response(answer.whole, answer.status, headers=fields)
    fields["content-encoding"] = "gzip"
    return Response(_gzipped(answer), answer.status, headers=fields)


_GZIP = b"\x1f\x8b\x08" + bytes(6) + b"\xff"


def _gzipped(answer: Answer) -> bytes:
    """One gzip member (RFC 1952). Compressing a page costs more than finding it, and pages are asked for again."""
    body, sum_of_body = _deflated(answer.body)
    size = len(answer.body) + len(answer.tail)
    return _GZIP + body + _deflate(answer.tail, zlib.Z_FINISH) + _trailer(zlib.crc32(answer.tail, sum_of_body), size)


@lru_cache(maxsize=256)
def _deflated(body: bytes) -> tuple[bytes, int]:
    """Blocks that end on a byte and that nothing after them refers to; and the checksum so far."""
    return _deflate(body, zlib.Z_FULL_FLUSH), zlib.crc32(body)


def _deflate(data: bytes, flush: int) -> bytes:
    packer = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(flush)


def _trailer(checksum: int, size: int) -> bytes:
    return struct.pack("<II", checksum, size & 0xFFFFFFFF)


def join(parts: Iterable[bytes]) -> bytes:
    return b",".join(parts)


def envelope(body: bytes, now: datetime) -> bytes:
    """`body` without its closing brace, plus the time every answer carries."""
    return body + ending(now)


def ending(now: datetime) -> bytes:
    return b',"time":"' + envelope_time(now).encode() + b'"}'


def document(entity: str, text: bytes, now: datetime) -> bytes:
    return envelope(b'{"' + entity.encode() + b'":' + text, now)


def fault_doc(fault: BookFault) -> Doc:
    error: Doc = {"Message": fault.message, "Detail": fault.detail, "code": fault.code}
    if fault.element is not None:
        error["element"] = fault.element
    return {"Error": [error], "type": fault.kind}


def fault_answer(fault: BookFault, now: datetime) -> Answer:
    """The service's own fault: upper-case keys."""
    body = encode({"Fault": fault_doc(fault), "time": envelope_time(now)})
    return Answer(body, fault.http, "application/json", detail=fault.code)


def gateway_fault(status: int, code: str, name: str, detail: str, *, kind: str, now: datetime) -> Answer:
    """A fault of the gateway before the service: lower-case keys, empty siblings, a number for the time."""
    message = f"message={name}; errorCode={code.zfill(6)}; statusCode={status}"
    body: Doc = {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [{"message": message, "detail": detail, "code": code, "element": None}], "type": kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }
    return Answer(encode(body), status, "application/json", detail=code)


def unauthorized(now: datetime) -> Answer:
    return gateway_fault(401, "3200", "AuthenticationFailed", "Token expired: AB01…", kind="AUTHENTICATION", now=now)


def forbidden(now: datetime) -> Answer:
    detail = "The application is not authorized for this company"
    return gateway_fault(403, "3100", "ApplicationAuthorizationFailed", detail, kind="SERVICE", now=now)


def throttled(now: datetime) -> Answer:
    detail = "The request limit was reached.  Try again later"
    return gateway_fault(429, "003001", "ThrottleExceeded", detail, kind="SERVICE", now=now)


def throttle_fault() -> BookFault:
    """The same refusal as the service words it: in batch items, and now and then for a whole request."""
    return BookFault(
        "3001",
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        "The request limit was reached.  Try again later",
        kind="SERVICE",
        http=429,
    )


def server_fault() -> BookFault:
    return BookFault(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: Could not process the request",
        kind="SystemFault",
        http=500,
    )


def xml_fault(fault: BookFault, now: datetime) -> Answer:
    body = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse xmlns="http://schema.intuit.com/finance/v3" time="{envelope_time(now)}">'
        f'<Fault type="{fault.kind}"><Error code="{fault.code}"><Message>{escape(fault.message)}</Message>'
        f"<Detail>{escape(fault.detail)}</Detail></Error></Fault></IntuitResponse>"
    )
    return Answer(body.encode(), fault.http, XML, detail=fault.code)


def html_page(status: int) -> Answer:
    body = f"<html><head><title>{status}</title></head><body><h1>Service temporarily unavailable</h1></body></html>"
    return Answer(body.encode(), status, "text/html;charset=UTF-8", detail="html")
