"""conversations.*: opening direct messages, and reading where a scope allows it."""

import base64
from collections.abc import Sequence
from typing import Any, TypeVar

from sandbox.slack import channels, messages
from sandbox.slack.api.call import Call, SlackError, method
from sandbox.slack.api.target import get_person
from sandbox.slack.events import announce
from sandbox.slack.model import Channel, Message

JsonObject = dict[str, Any]

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_Row = TypeVar("_Row")


@method("conversations.open", "im:write", "mpim:write", tier=3)
async def conversations_open(call: Call) -> JsonObject:
    if "channel" in call.args:
        channel = _get_channel(call)
        return {"no_op": True, "already_open": True, "channel": channels.channel_json(channel, call.bot_id)}
    users = [one for one in call.args.text("users").split(",") if one]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("not_enough_users" if len(set(users)) < 2 else "method_not_supported_for_channel_type")
    person = get_person(call, users[0])
    if person.deleted:
        raise SlackError("user_disabled")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    channel, existed = channels.open_dm(call.sandbox.world, call.team_id, call.bot_id, person.id)
    shown = channels.channel_json(channel, call.bot_id) if call.args.flag("return_im") else {"id": channel.id}
    return {"no_op": existed, "already_open": existed, "channel": shown}


@method("conversations.info", *_READ, tier=3)
async def conversations_info(call: Call) -> JsonObject:
    return {"channel": channels.channel_json(_get_channel(call), call.bot_id)}


@method("conversations.list", *_READ, tier=2)
async def conversations_list(call: Call) -> JsonObject:
    kinds = (call.args.text("types") or "public_channel").split(",")
    rows = [one for one in call.sandbox.world.channels.values() if one.team_id == call.team_id]
    rows = [
        one for one in rows if _kind(one) in kinds and (_kind(one) == "public_channel" or call.bot_id in one.members)
    ]
    if call.args.flag("exclude_archived"):
        rows = [one for one in rows if not one.is_archived]
    page, cursor = take_page(call, rows)
    shown = [channels.channel_json(one, call.bot_id) for one in page]
    return {"channels": shown, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", *_READ)
async def conversations_members(call: Call) -> JsonObject:
    page, cursor = take_page(call, _get_channel(call).members)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


@method("conversations.history", *_HISTORY, tier=3)
async def conversations_history(call: Call) -> JsonObject:
    channel = _get_joined(call)
    return _page_of_messages(call, messages.list_history(call.sandbox, channel))


@method("conversations.replies", *_HISTORY, tier=3)
async def conversations_replies(call: Call) -> JsonObject:
    channel = _get_joined(call)
    found = [one for one in messages.list_thread(call.sandbox, channel, call.args.need("ts")) if not one.viewer]
    if not found:
        raise SlackError("thread_not_found")
    return _page_of_messages(call, found)


@method("conversations.join", "channels:join", tier=3)
async def conversations_join(call: Call) -> JsonObject:
    channel = _get_channel(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_im or channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if call.bot_id not in channel.members:
        channel.members.append(call.bot_id)
        event = {"type": "member_joined_channel", "user": call.bot_id, "channel": channel.id, "team": call.team_id}
        announce(call.sandbox, call.team_id, event)
        call.sandbox.changed("channel", team=call.team_id, channel=channel.id)
    return {"channel": channels.channel_json(channel, call.bot_id)}


def take_page(call: Call, rows: Sequence[_Row]) -> tuple[list[_Row], str]:
    """Slack's cursor paging: `limit` rows after `cursor`, and the cursor of the next page or ''."""
    limit = min(call.args.number("limit", 100) or 100, 1000)
    start = _read_cursor(call.args.text("cursor"))
    rest = len(rows) > start + limit
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if rest else ""
    return list(rows[start : start + limit]), cursor


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        _, _, start = base64.b64decode(cursor, validate=True).decode().partition(":")
        return int(start)
    except ValueError as error:
        raise SlackError("invalid_cursor") from error


def _page_of_messages(call: Call, found: list[Message]) -> JsonObject:
    oldest, latest = call.args.text("oldest") or "0", call.args.text("latest") or "9999999999"
    wanted = [one for one in found if float(oldest) < float(one.ts) < float(latest)]
    page, cursor = take_page(call, wanted)
    shown = [messages.message_json(call.sandbox, one) for one in page]
    return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def _get_channel(call: Call) -> Channel:
    channel = channels.find_channel(call.sandbox.world, call.team_id, call.args.need("channel"))
    hidden = channel is not None and (channel.is_im or channel.is_private) and call.bot_id not in channel.members
    if channel is None or hidden:
        raise SlackError("channel_not_found")
    return channel


def _get_joined(call: Call) -> Channel:
    channel = _get_channel(call)
    if call.bot_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"
