"""chat.*: posting, editing, deleting."""

from typing import Any

from sandbox.slack import channels, messages
from sandbox.slack.api.call import Call, SlackError, method
from sandbox.slack.api.content import accept_content
from sandbox.slack.api.target import get_own_message, get_person, get_target
from sandbox.slack.blocks.surfaces import check_message
from sandbox.slack.model import Channel

JsonObject = dict[str, Any]


@method("chat.postMessage", "chat:write")
async def chat_post_message(call: Call) -> JsonObject:
    channel = get_target(call, call.args.need("channel"))
    content = accept_content(call.sandbox, call.args)
    message = messages.post(
        call.sandbox,
        channel,
        call.bot_id,
        content,
        thread_ts=_get_thread(call, channel),
        broadcast=call.args.flag("reply_broadcast"),
        subtype="bot_message",
    )
    return {"channel": channel.id, "ts": message.ts, "message": messages.message_json(call.sandbox, message)}


@method("chat.update", "chat:write", tier=3)
async def chat_update(call: Call) -> JsonObject:
    message = get_own_message(call, "cant_update_message")
    content = accept_content(call.sandbox, call.args)
    if content["blocks"] is None:
        content["blocks"] = message.blocks
    messages.edit(call.sandbox, message, content)
    shown = messages.message_json(call.sandbox, message)
    return {"channel": message.channel_id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", "chat:write", tier=3)
async def chat_delete(call: Call) -> JsonObject:
    message = get_own_message(call, "cant_delete_message")
    messages.remove(call.sandbox, message)
    return {"channel": message.channel_id, "ts": message.ts}


@method("chat.postEphemeral", "chat:write")
async def chat_post_ephemeral(call: Call) -> JsonObject:
    channel = get_target(call, call.args.need("channel"))
    person = get_person(call, call.args.need("user"), "user_not_in_channel")
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = accept_content(call.sandbox, call.args)
    thread = _get_thread(call, channel)
    message = messages.post(call.sandbox, channel, call.bot_id, content, thread_ts=thread, viewer=person.id)
    return {"message_ts": message.ts}


@method("chat.getPermalink", tier=5)
async def chat_get_permalink(call: Call) -> JsonObject:
    channel = channels.find_channel(call.sandbox.world, call.team_id, call.args.need("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    message = call.sandbox.world.find_message(channel.id, call.args.need("message_ts"))
    if message is None or message.viewer:
        raise SlackError("message_not_found")
    link = f"{call.sandbox.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


@method("blocks.validate", auth="none")
async def blocks_validate(call: Call) -> JsonObject:
    problems = check_message(call.args.json("blocks"), call.sandbox.faults.rejected_blocks)
    if problems:
        errors = [
            {"code": "invalid", "message": one, "pointer": one.rpartition("json-pointer:")[2][:-1]} for one in problems
        ]
        raise SlackError("invalid_blocks", errors=errors)
    return {}


def _get_thread(call: Call, channel: Channel) -> str:
    ts = call.args.text("thread_ts")
    if not ts:
        return ""
    parent = call.sandbox.world.find_message(channel.id, ts)
    if parent is None or parent.viewer:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts
