"""Nothing unsigned, stale or garbled passes the gate, and none of it is ever a server error."""

import contextlib
import hmac
import json
from hashlib import sha256
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import gate

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_780_000_000
FORM = "application/x-www-form-urlencoded"


def signed(body: bytes, at: int = NOW) -> dict[str, str]:
    made = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, sha256).hexdigest()
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": f"v0={made}"}


def verdict(headers: dict[str, str], body: bytes) -> int:
    try:
        gate.check_slack(SECRET, headers, body, now=NOW)
    except gate.Turned as turned:
        return turned.status
    return 200


def test_a_request_that_slack_signed_passes() -> None:
    assert verdict(signed(b"command=%2Frunway"), b"command=%2Frunway") == 200


@pytest.mark.parametrize("age", [-301, 301, 86_400])
def test_a_replay_from_outside_the_window_is_refused(age: int) -> None:
    assert verdict(signed(b"x", NOW - age), b"x") == 401


@pytest.mark.parametrize("age", [-300, 0, 300])
def test_clocks_may_be_five_minutes_apart(age: int) -> None:
    assert verdict(signed(b"x", NOW - age), b"x") == 200


@pytest.mark.parametrize(
    "change",
    [
        {"x-slack-signature": ""},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": "v0=" + "é" * 64},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "soon"},
        {"x-slack-request-timestamp": "１７８０００００００"},
        {"x-slack-request-timestamp": str(NOW) + "\n"},
    ],
)
def test_broken_headers_are_refused(change: dict[str, str]) -> None:
    assert verdict(signed(b"x") | change, b"x") == 401


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_no_single_changed_byte_passes(body: bytes, at: int, flip: int) -> None:
    if not body:
        return
    changed = bytearray(body)
    changed[at % len(body)] ^= flip
    assert verdict(signed(body), bytes(changed)) == 401


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b"\xff\xfe"),
        (FORM, b"payload=%7B"),
        (FORM, b"payload=null"),
        (FORM, urlencode({"payload": json.dumps({"type": "block_actions", "actions": []})}).encode()),
        (FORM, urlencode({"payload": json.dumps({"type": "view_submission"})}).encode()),
        (FORM, b"command=&user_id=U1"),
        ("application/json", json.dumps({"type": "event_callback"}).encode()),
    ],
)
def test_a_signed_body_of_the_wrong_shape_is_malformed(content_type: str, body: bytes) -> None:
    with pytest.raises(gate.Turned) as turned:
        gate.check_slack_shape(content_type, body)
    assert turned.value.status == 400


@given(st.binary(max_size=300), st.sampled_from(["application/json", FORM, "", "text/plain"]))
def test_garbage_is_only_ever_turned_away(body: bytes, content_type: str) -> None:
    with contextlib.suppress(gate.Turned):
        gate.check_slack_shape(content_type, body)
