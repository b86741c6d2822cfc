"""An answer through a response_url arrives whenever Slack can be moved to take it, and says so when it did not."""

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from bot.messenger import response_urls
from kit.http import new_client

URL = "https://hooks.slack.com/actions/T1/2/x"
CHART: dict[str, Any] = {
    "type": "data_visualization",
    "title": "Cash",
    "chart": {
        "type": "line",
        "series": [{"name": "Cash", "data": [{"label": "Nov", "value": 3}]}],
        "axis_config": {"categories": ["Nov"]},
    },
}


class Hooks:
    """Slack's end: gives these answers one after the other, and keeps what it was sent."""

    def __init__(self, answers: Iterable[httpx.Response]) -> None:
        self._answers = list(answers)
        self.sent: list[dict[str, Any]] = []

    def take(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(json.loads(request.content))
        return self._answers.pop(0)


async def send(hooks: Hooks, *, replace: bool = True) -> bool:
    body = {"response_type": "ephemeral", "replace_original": replace, "text": "Cash", "blocks": [CHART]}
    async with new_client(allowed_hosts={"hooks.slack.com"}, transport=httpx.MockTransport(hooks.take)) as client:
        return await response_urls.send(client, URL, body)


def limited() -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": "0"}, text="rate_limited")


@pytest.mark.parametrize("answer", [httpx.Response(200, text="ok"), httpx.Response(200, json={"ok": True})])
async def test_both_ways_of_saying_ok_are_understood(answer: httpx.Response) -> None:
    hooks = Hooks([answer])
    assert await send(hooks)
    assert len(hooks.sent) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(400, text="invalid_blocks"),
        httpx.Response(400, json={"ok": False, "error": "invalid_blocks"}),
        httpx.Response(200, json={"ok": False, "error": "invalid_blocks"}),
    ],
)
async def test_a_workspace_without_the_newest_blocks_is_sent_the_same_in_older_ones(refusal: httpx.Response) -> None:
    hooks = Hooks([refusal, httpx.Response(200, text="ok")])
    assert await send(hooks)
    assert [block["type"] for block in hooks.sent[1]["blocks"]] == ["rich_text"]
    assert "Nov" in json.dumps(hooks.sent[1]["blocks"])


async def test_a_limit_is_waited_for_and_the_answer_sent_again() -> None:
    hooks = Hooks([limited(), httpx.Response(200, text="ok")])
    assert await send(hooks, replace=False)
    assert hooks.sent[0] == hooks.sent[1]


async def test_what_may_have_been_taken_is_repeated_only_where_it_replaces() -> None:
    failed = httpx.Response(500, headers={"Retry-After": "0"}, text="error")
    assert await send(Hooks([failed, httpx.Response(200, text="ok")]))
    assert not await send(Hooks([failed]), replace=False)


@pytest.mark.parametrize("word", ["used_url", "expired_url", "<html>gone</html>"])
async def test_an_address_that_is_used_up_or_too_old_is_told_apart(word: str) -> None:
    assert not await send(Hooks([httpx.Response(404, text=word)]))
