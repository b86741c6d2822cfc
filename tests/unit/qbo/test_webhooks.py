"""Deliveries are believed only when signed, and read in both formats; what they say is where to look, no more."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from domains.mirror import Entity
from domains.qbo.webhooks import is_signed, read_events
from domains.qbo.wire import Unreadable

CLOUD: list[dict[str, Any]] = [
    {
        "specversion": "1.0",
        "id": "88cd52aa",
        "source": "intuit.dsnBgb",
        "type": "qbo.bill.updated.v1",
        "time": "2025-09-10T21:31:25.179851517Z",
        "intuitentityid": "1234",
        "intuitaccountid": "310687",
        "data": {},
    },
    {
        "id": "2",
        "type": "qbo.customer.merged.v1",
        "intuitentityid": "58",
        "intuitaccountid": "99",
        "data": {"deletedId": "61"},
    },
    {"id": "3", "type": "qbo.estimate.created.v1", "intuitentityid": "7", "intuitaccountid": "99"},
]
OLDER = {
    "eventNotifications": [
        {
            "realmId": "1185883450",
            "dataChangeEvent": {
                "entities": [
                    {"name": "Bill", "id": "1", "operation": "Update", "lastUpdated": "2015-10-05T14:42:19-0700"},
                    {"name": "Vendor", "id": "2", "operation": "Merge", "lastUpdated": "x", "deletedId": "3"},
                ]
            },
        }
    ]
}


def sign(raw: bytes, token: str) -> str:
    return base64.b64encode(hmac.new(token.encode(), raw, hashlib.sha256).digest()).decode()


def test_either_of_two_tokens_signs_while_one_replaces_the_other() -> None:
    raw = json.dumps(CLOUD).encode()
    assert is_signed(raw, sign(raw, "old"), ("new", "old"))
    assert is_signed(raw, sign(raw, "new"), ("new", "old"))
    assert not is_signed(raw, sign(raw, "stranger"), ("new", "old"))


@pytest.mark.parametrize("signature", [None, "", "not base64 ü", "AAAA", sign(b"other", "t")])
def test_whatever_else_stands_in_the_header_is_no_signature(signature: str | None) -> None:
    assert not is_signed(b"[]", signature, ("t",))


def test_without_a_token_nothing_is_signed() -> None:
    assert not is_signed(b"[]", sign(b"[]", ""), ())


def test_the_signature_is_over_the_raw_bytes() -> None:
    raw = b'[ {"id" : "1"} ]'
    assert not is_signed(json.dumps(json.loads(raw)).encode(), sign(raw, "t"), ("t",))


def test_cloud_events_of_several_companies_arrive_in_one_delivery() -> None:
    events = read_events(json.dumps(CLOUD).encode())
    assert [(event.realm_id, event.entity, event.qbo_id, event.operation) for event in events] == [
        ("310687", Entity.BILL, "1234", "updated"),
        ("99", Entity.CUSTOMER, "58", "merged"),
        ("99", None, "7", "created"),
    ]
    assert events[1].deleted_id == "61"


def test_the_older_format_reads_the_same() -> None:
    first, second = read_events(json.dumps(OLDER).encode())
    assert (first.entity, first.qbo_id, first.operation) == (Entity.BILL, "1", "updated")
    assert (second.operation, second.deleted_id) == ("merged", "3")
    assert first.key != second.key
    assert [event.key for event in read_events(json.dumps(OLDER, indent=2).encode())] == [first.key, second.key]


@pytest.mark.parametrize("raw", [b"", b"  ", b"[]"])
def test_an_empty_delivery_is_no_error(raw: bytes) -> None:
    assert read_events(raw) == []


@pytest.mark.parametrize(
    "kind", ["qbo", "qbo.bill.line.updated.v1", "com.intuit.payroll.run.v2", "qbo.novelty.updated.v1"]
)
def test_an_event_of_a_type_nobody_knows_does_not_cost_the_others(kind: str) -> None:
    unknown = {"id": "9", "type": kind, "intuitentityid": "1", "intuitaccountid": "310687", "data": ["?"]}
    events = read_events(json.dumps([unknown, *CLOUD]).encode())
    assert [event.entity for event in events] == [None, Entity.BILL, Entity.CUSTOMER, None]


@pytest.mark.parametrize("name", ["billpayment", "BillPayment", "bill-payment", "bill_payment"])
def test_a_kind_of_two_words_is_known_however_they_are_joined(name: str) -> None:
    event = CLOUD[0] | {"type": f"qbo.{name}.created.v1"}
    assert [one.entity for one in read_events(json.dumps([event]).encode())] == [Entity.BILL_PAYMENT]


def test_a_single_event_may_come_without_its_array() -> None:
    assert read_events(json.dumps(CLOUD[0]).encode()) == read_events(json.dumps(CLOUD[:1]).encode())


@pytest.mark.parametrize("raw", [b"{", b"{}", b"7", b'[{"id":"1"}]', b"\xff\xfe", b'[{"type":"a.b.c.d"}]'])
def test_what_is_neither_format_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_events(raw)
