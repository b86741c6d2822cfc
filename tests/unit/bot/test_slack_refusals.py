"""What each of Slack's refusals makes the caller do: documented codes, limits, and what is no answer at all."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.messenger import Messenger
from bot.messenger.errors import (
    AppRemoved,
    ChannelClosed,
    Limited,
    MessageLost,
    Unanswered,
    translated,
)
from kit.errors import Busy, FaultDetail, Refused, RunwayError, VendorFault

refused_by_slack: Callable[[str, AsyncSlackResponse], SlackApiError] = SlackApiError


def refusal(data: object, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    answer = SimpleNamespace(data=data, status_code=status, headers=headers or {})
    return refused_by_slack("refused", cast(AsyncSlackResponse, answer))


def meaning(error: Exception, method: str = "chat.update") -> RunwayError:
    with pytest.raises(RunwayError) as met, translated(method):
        raise error
    return met.value


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("restricted_action_thread_only_channel", ChannelClosed),
        ("not_in_channel", ChannelClosed),
        ("not_enabled", ChannelClosed),
        ("token_expired", AppRemoved),
        ("invalid_refresh_token", AppRemoved),
        ("message_not_found", MessageLost),
        ("team_added_to_org", Busy),
        ("service_unavailable", Busy),
        ("invalid_blocks", VendorFault),
    ],
)
def test_a_refusal_by_name_says_what_to_do_next(code: str, kind: type[RunwayError]) -> None:
    assert type(meaning(refusal({"ok": False, "error": code}))) is kind


@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
@pytest.mark.parametrize("data", [{"ok": False, "error": "ratelimited"}, "Too many requests", None])
def test_a_limit_is_kept_for_as_long_as_slack_says_whatever_the_body_is(data: object, name: str) -> None:
    limited = meaning(refusal(data, 429, {name: "7"}))
    assert isinstance(limited, Limited)
    assert limited.retry_after == 7


@pytest.mark.parametrize("data", [{}, None, "ok?"])
def test_a_page_that_is_no_answer_leaves_open_whether_slack_took_it(data: object) -> None:
    assert isinstance(meaning(refusal(data, 200)), Unanswered)
    assert type(meaning(refusal(data, 503))) is Busy


def test_half_an_answer_of_a_server_that_failed_is_worth_another_try() -> None:
    cut: Any = SimpleNamespace(status=502, headers={})  # what the SDK hands over when it could not read the body
    assert type(meaning(refused_by_slack("unreadable", cut))) is Busy
    cut.status = 200
    assert isinstance(meaning(refused_by_slack("unreadable", cut)), Unanswered)


def test_a_post_that_failed_inside_slack_is_not_repeated() -> None:
    assert isinstance(meaning(refusal({"ok": False, "error": "fatal_error"}), "chat.postMessage"), Unanswered)
    assert type(meaning(refusal({"ok": False, "error": "fatal_error"}), "users.info")) is Busy


class Unreachable(Messenger):
    """Slack is away while somebody comes back from its consent page."""

    def __init__(self, fault: RunwayError) -> None:
        self._fault = fault

    async def _oauth(self, **fields: str) -> Mapping[str, Any]:
        raise self._fault


@pytest.mark.parametrize("fault", [Busy("429", retry_after=1), Unanswered("?", FaultDetail("slack", "not_json"))])
async def test_an_install_that_slack_does_not_confirm_is_told_in_a_sentence(fault: RunwayError) -> None:
    with pytest.raises(Refused, match="Nothing was set up"):
        await Unreachable(fault).exchange("code", "https://runway.example.com/slack/oauth_redirect")
