"""Socket Mode: the app holds a WebSocket, envelopes go out on it and acknowledgements come back."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

JsonObject = dict[str, Any]


class NoConnection(Exception):
    """No app is connected; Slack would show dispatch_failed."""


@dataclass(slots=True)
class Sockets:
    tickets: set[str] = field(default_factory=set)
    connections: list[WebSocket] = field(default_factory=list)
    waiting: dict[str, asyncio.Future[JsonObject]] = field(default_factory=dict)
    sent: int = 0

    async def serve(self, socket: WebSocket, app_id: str) -> None:
        if socket.query_params.get("ticket") not in self.tickets:
            await socket.close(4401)
            return
        await socket.accept()
        self.connections.append(socket)
        hello = {"type": "hello", "num_connections": len(self.connections), "connection_info": {"app_id": app_id}}
        await socket.send_json(hello)
        try:
            while True:
                self._receive(await socket.receive_text())
        except WebSocketDisconnect:
            self.connections.remove(socket)

    async def ask(self, kind: str, payload: JsonObject, attempt: int, reason: str) -> JsonObject:
        """Sends one envelope and waits for its acknowledgement; returns the payload of the answer."""
        if not self.connections:
            raise NoConnection
        self.sent += 1
        envelope_id = f"env-{self.sent:06d}"
        envelope: JsonObject = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        answer: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self.waiting[envelope_id] = answer
        try:
            await self._send(self.connections[self.sent % len(self.connections)], envelope)
            return await answer
        finally:
            del self.waiting[envelope_id]

    async def _send(self, socket: WebSocket, envelope: JsonObject) -> None:
        try:
            await socket.send_json(envelope)
        except (RuntimeError, WebSocketDisconnect):  # how Starlette says that the other side is going or gone
            raise NoConnection from None

    async def disconnect(self, reason: str) -> None:
        for socket in self.connections:
            await socket.send_json({"type": "disconnect", "reason": reason})

    async def drop(self) -> None:
        """The connections break without a word, as when a network goes away."""
        for socket in list(self.connections):
            await socket.close(1011)

    def _receive(self, text: str) -> None:
        if not text.startswith("{"):
            return
        message = json.loads(text)
        waiting = self.waiting.get(str(message.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload") or {})
