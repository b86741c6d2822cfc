"""Envelopes are read in every shape that the documents leave open, and refused when something in them was lost."""

import json
from typing import Any

import pytest

from domains.qbo import wire
from domains.qbo.wire import Unreadable

ROWS = {"Vendor": [{"Id": "1", "DisplayName": "Søn"}], "maxResults": 1}
ANSWER = {"QueryResponse": ROWS, "time": "2026-11-21T08:00:00Z"}
RAW = json.dumps(ANSWER, ensure_ascii=False)


def page(response: dict[str, Any]) -> wire.Page:
    return wire.read_page(json.dumps({**ANSWER, "QueryResponse": response}).encode())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RAW.encode(), ""),
        (RAW.encode(), "application/json;charset=ISO-8859-1"),
        (RAW.encode("latin-1"), "application/json;charset=ISO-8859-1"),
        (RAW.encode("utf-16"), 'application/json; charset="UTF-16"'),
        (RAW.encode("utf-8-sig"), "application/json;charset=utf-8"),
        (b"\r\n " + RAW.encode(), "text/plain"),
    ],
)
def test_an_answer_is_read_whatever_it_is_written_in(body: bytes, kind: str) -> None:
    assert json.loads(wire.whole(body, kind)) == ANSWER


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"<!DOCTYPE html><p>Maintenance", "text/html"),
        (RAW.encode()[:-9], "application/json"),
        (RAW.encode("latin-1"), "application/json;charset=utf-8"),
        (RAW.encode("latin-1"), "application/json;charset=klingon"),
    ],
)
def test_what_is_not_a_whole_answer_is_none(body: bytes, kind: str) -> None:
    with pytest.raises(Unreadable):
        wire.whole(body, kind)


@pytest.mark.parametrize(
    "beside", [{"warnings": None}, {"warnings": {"Warning": []}}, {"requestId": "7"}, {"Fault": None}]
)
def test_what_stands_beside_the_rows_is_passed_over(beside: dict[str, Any]) -> None:
    found = page({**beside, **ROWS})
    assert found.size == 1


def test_a_fault_in_place_of_rows_is_never_an_empty_answer() -> None:
    with pytest.raises(Unreadable):
        page({"Fault": {"Error": []}})
    changes: dict[str, Any] = {"CDCResponse": [{"QueryResponse": [{}, {"Fault": {"Error": []}}]}]}
    with pytest.raises(Unreadable):
        wire.read_changes(json.dumps(changes).encode())


@pytest.mark.parametrize("written", [41, "41"])
def test_a_count_may_be_written_as_text(written: object) -> None:
    assert page({"totalCount": written}).total == 41


def test_rows_that_are_no_list_are_refused() -> None:
    with pytest.raises(Unreadable):
        page({"Vendor": "none"})


def test_a_single_record_may_carry_its_time_in_any_way_or_none() -> None:
    for time in ({}, {"time": None}, {"time": 1790000000000}, {"time": "2026-11-21T08:00:00-08:00"}):
        assert wire.read_one(json.dumps({"Bill": {"Id": "1"}, **time}).encode(), "Bill").size == 1
