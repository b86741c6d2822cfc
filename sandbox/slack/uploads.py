"""Step two of a file upload, and downloads."""

import re
import time
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sandbox.slack import files
from sandbox.slack.faults import Fault, FaultKind, wait
from sandbox.slack.model import File
from sandbox.slack.sandbox import SlackSandbox

_PART = re.compile(rb"^--(?P<mark>[^\r\n]+)\r\n.*?filename=.*?\r\n\r\n(?P<data>.*?)\r\n--(?P=mark)", re.DOTALL)


class Uploads:
    def __init__(self, sandbox: SlackSandbox) -> None:
        self.sandbox = sandbox

    async def receive(self, request: Request) -> Response:
        file = files.find_by_upload_key(self.sandbox, request.path_params["key"])
        entry = self.sandbox.ledger.open("upload", file.name if file else "?", team_id=file.team_id if file else "")
        started = time.perf_counter()
        fault = self.sandbox.faults.take("upload")
        response = await _store(request, file) if fault is None else await _fail(fault)
        entry.status, entry.ok = response.status_code, response.status_code == 200
        entry.latency_ms = round((time.perf_counter() - started) * 1000, 1)
        self.sandbox.ledger.close(entry)
        return response

    async def download(self, request: Request) -> Response:
        """With the app's token, as an app downloads `url_private`."""
        file = self.sandbox.world.files.get(request.path_params["ref"].rpartition("-")[2])
        token = self.sandbox.world.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if file is None or file.content is None or not file.completed:
            return PlainTextResponse("not found", 404)
        if token is None or token.state != "live" or token.team_id != file.team_id:
            return PlainTextResponse("sign in", 403)
        return file_response(file)


def file_response(file: File) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(file.content, media_type=files.mimetype_of(file.name), headers=headers)


async def _store(request: Request, file: File | None) -> Response:
    if file is None or file.completed:
        return PlainTextResponse("not found", 404)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        part = _PART.search(body)
        body = part["data"] if part else b""
    if len(body) != file.size:
        return PlainTextResponse(f"expected {file.size} bytes, got {len(body)}", 400)
    file.content = body
    return PlainTextResponse(f"OK - {file.size}")


async def _fail(fault: Fault) -> Response:
    if fault.kind in (FaultKind.TIMEOUT, FaultKind.LATENCY):
        await wait(fault)
    return PlainTextResponse("upload failed", fault.status)
