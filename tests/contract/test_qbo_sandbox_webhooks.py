"""Webhooks of the stand-in: both formats, signed over the bytes sent, debounced, doubled, retried."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from sandbox.qbo import WebhookFormat
from tests.contract.qbo_sandbox_world import bare_company, bill_payload, stand

URL = "https://bot.test/qbo/webhooks"


@dataclass
class Receiver:
    """Takes what is posted; answers the statuses it is told, then 200."""

    answers: list[int] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._take)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.answers.pop(0) if self.answers else 200)

    def body(self, index: int = 0) -> Any:
        return json.loads(self.requests[index].content)


def settings(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {
        "webhook_url": URL,
        "webhook_transport": receiver.transport(),
        "webhook_delay_seconds": 0.0,
        "webhook_retry_seconds": (0.0, 0.0, 0.0),
        **more,
    }


async def test_one_post_of_cloud_events_tells_everything_a_write_changed() -> None:
    receiver = Receiver()
    async with stand(**settings(receiver)) as at:
        await at.post("bill", bill_payload(at.company))
        await at.mutate(op="pay_bill", id="1")
        await at.sandbox.webhooks.settle()
        events = receiver.body()
        assert {event["type"] for event in events} >= {"qbo.bill.created.v1"}
        assert {event["intuitaccountid"] for event in events} == {at.company.realm}
        assert len({event["id"] for event in events}) == len(events)
        assert events[0]["time"].endswith("157Z")


async def test_the_signature_is_base64_hmac_sha256_over_the_raw_body() -> None:
    receiver = Receiver()
    async with stand(**settings(receiver, verifier_token="v-1")) as at:
        await at.post("bill", bill_payload(at.company))
        await at.sandbox.webhooks.settle()
        [sent] = receiver.requests
        digest = hmac.new(b"v-1", sent.content, hashlib.sha256).digest()
        assert base64.b64decode(sent.headers["intuit-signature"]) == digest


async def test_several_companies_share_one_post_in_the_older_format_too() -> None:
    receiver = Receiver()
    first, second = bare_company("1001"), bare_company("1002")
    more = settings(receiver, webhook_format=WebhookFormat.EVENT_NOTIFICATIONS, webhook_delay_seconds=30.0)
    async with stand(first, second, **more) as at:
        for realm in ("1001", "1002"):
            mutation = {"op": "rename", "entity": "Vendor", "id": "1", "name": realm}
            await at.control(f"companies/{realm}/mutate", mutation)
        await at.control("webhooks/flush", {})
        notes = receiver.body()["eventNotifications"]
        assert [note["realmId"] for note in notes] == ["1001", "1002"]
        entity = notes[0]["dataChangeEvent"]["entities"][0]
        assert (entity["name"], entity["operation"], entity["id"]) == ("Vendor", "Update", "1")
        assert entity["lastUpdated"] == "2026-11-21T09:00:00-0800"


async def test_a_burst_is_one_post_and_doubling_sends_it_twice() -> None:
    receiver = Receiver()
    async with stand(**settings(receiver, webhook_delay_seconds=30.0)) as at:
        await at.control("webhooks", {"duplicate": True})
        for _ in range(5):
            await at.post("bill", bill_payload(at.company))
        await at.control("webhooks/flush", {})
        assert [len(receiver.body(index)) for index in range(len(receiver.requests))] == [5, 5]
        assert receiver.requests[0].content == receiver.requests[1].content


async def test_server_errors_are_retried_and_then_dropped_and_other_answers_are_final() -> None:
    receiver = Receiver([500, 503, 200, 401, 500, 500, 500, 500])
    async with stand(**settings(receiver)) as at:
        for _ in range(3):
            await at.post("bill", bill_payload(at.company))
            await at.sandbox.webhooks.settle()
        assert [sent.status for sent in at.sandbox.webhooks.deliveries] == [500, 503, 200, 401, 500, 500, 500, 500]


async def test_merges_name_the_id_that_went_and_silence_can_be_ordered() -> None:
    receiver = Receiver()
    async with stand(**settings(receiver)) as at:
        await at.post("vendor", {"DisplayName": "Twin"})
        await at.sandbox.webhooks.settle()
        await at.mutate(op="merge", entity="Vendor", id="3", into="1")
        await at.sandbox.webhooks.settle()
        [event] = receiver.body(1)
        assert (event["type"], event["intuitentityid"], event["data"]) == (
            "qbo.vendor.merged.v1",
            "1",
            {"deletedId": "3"},
        )
        await at.control("webhooks", {"enabled": False})
        await at.mutate(op="rename", entity="Vendor", id="1", name="Quiet")
        await at.sandbox.webhooks.settle()
        assert len(receiver.requests) == 2
