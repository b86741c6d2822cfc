"""What Slack's refusals mean, by what the caller does next.

`Busy` try again later, `Limited` after the time Slack names · `ChannelClosed` this place is lost · `MessageLost` this
copy is lost · `AppRemoved` stop sending to this workspace · `Unanswered` the request may or may not have been taken ·
`VendorFault` a bug of ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from kit.errors import Busy, FaultDetail, RunwayError, VendorFault

PAUSE_S = 5.0


class ChannelClosed(VendorFault):
    """Posting there again would fail the same way."""


class MessageLost(VendorFault):
    """The message cannot be edited any more."""


class AppRemoved(VendorFault):
    """The workspace took the app's token away."""


class Unanswered(VendorFault):
    """The connection broke after the request left, or what came back is no answer: Slack may have taken it."""


class Limited(Busy):
    """Slack counts too many of these calls; `retry_after` is its own word."""


KINDS: dict[type[VendorFault], frozenset[str]] = {
    AppRemoved: frozenset(
        {
            "account_inactive",
            "app_not_installed",
            "invalid_auth",
            "invalid_refresh_token",
            "not_authed",
            "org_login_required",
            "team_access_not_granted",
            "token_expired",
            "token_revoked",
        }
    ),
    ChannelClosed: frozenset(
        {
            "cannot_dm_bot",
            "channel_not_found",
            "ekm_access_denied",
            "is_archived",
            "messages_tab_disabled",
            "not_enabled",
            "not_in_channel",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "user_disabled",
            "user_not_found",
            "user_not_in_channel",
            "user_not_visible",
        }
    ),
    MessageLost: frozenset({"cant_update_message", "edit_window_closed", "message_not_found"}),
}
PASSING = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
LIMITED = frozenset({"ratelimited", "rate_limited"})
NO_ANSWER = frozenset({"not_json", "unknown"})

# Of these Slack's documents say that part of the operation may have succeeded: a post must not be repeated.
POST, MAYBE_TAKEN = "chat.postMessage", frozenset({"fatal_error", "internal_error"})


@contextmanager
def translated(method: str) -> Iterator[None]:
    """Raise ours for theirs. The texts Slack sends stay here."""
    try:
        yield
    except SlackApiError as error:
        raise _of_answer(method, error) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise Busy(f"{method}: Slack could not be reached", retry_after=PAUSE_S) from error
    except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
        detail = FaultDetail("slack", type(error).__name__)
        raise Unanswered(f"{method}: no answer came back", detail) from error


def _of_answer(method: str, error: SlackApiError) -> RunwayError:
    status, code = _status_of(error), code_of(error)
    if method == POST and code in MAYBE_TAKEN:
        return Unanswered(f"{method}: {code}", FaultDetail("slack", code))
    if status == 429 or code in LIMITED:
        return Limited(f"{method}: {code}", retry_after=_retry_after(error))
    if code in NO_ANSWER and status < 500:  # a page of a proxy, or half an answer
        return Unanswered(f"{method}: {code}", FaultDetail("slack", code))
    if code in PASSING or status >= 500:
        return Busy(f"{method}: {code}", retry_after=_retry_after(error))
    kind = next((kind for kind, codes in KINDS.items() if code in codes), VendorFault)
    return kind(f"{method}: {code}", FaultDetail("slack", code))


def _status_of(error: SlackApiError) -> int:
    """The SDK hands over aiohttp's own response when the body could not be read."""
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def code_of(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error", "unknown")) if isinstance(data, dict) else "not_json"


def _retry_after(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", {}) or {}
    value = str(headers.get("Retry-After") or headers.get("retry-after") or "")
    return float(value) if value.isdigit() else PAUSE_S
