"""Posting, editing and reading messages, ephemeral ones included."""

from typing import Any

from sandbox.slack.blocks.accept import fill_ids
from sandbox.slack.files import file_json
from sandbox.slack.model import SLACKBOT, Channel, Message, Person
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]

MOST_TEXT = 40_000


def post(sandbox: SlackSandbox, channel: Channel, user_id: str, content: JsonObject, **marks: Any) -> Message:
    """`content` holds text and blocks as accepted; `marks` are further fields of Message (thread_ts, viewer, …)."""
    world = sandbox.world
    message = Message(channel.id, world.clock.next_ts(), user_id, **marks)
    _fill(sandbox, message, content)
    person = world.people.get(user_id)
    message.bot_id = person.bot_id if person else ""
    world.add_message(message)
    _tell(sandbox, message, posted=True)
    return message


def edit(sandbox: SlackSandbox, message: Message, content: JsonObject) -> Message:
    _fill(sandbox, message, content)
    if not message.viewer:
        message.edited_ts = sandbox.world.clock.next_ts()
    _tell(sandbox, message)
    return message


def remove(sandbox: SlackSandbox, message: Message) -> None:
    sandbox.world.remove_message(message)
    _tell(sandbox, message)


def say_privately(sandbox: SlackSandbox, channel: Channel, person: Person, text: str) -> Message:
    """What Slackbot tells one person, as after a command that failed."""
    return post(sandbox, channel, SLACKBOT, {"text": text}, viewer=person.id)


def list_for(sandbox: SlackSandbox, channel: Channel, person_id: str) -> list[Message]:
    """Everything in the channel this person sees, oldest first, ephemeral messages of theirs included."""
    found = sandbox.world.by_channel.get(channel.id, {}).values()
    return sorted((one for one in found if one.viewer in {"", person_id}), key=lambda one: one.ts)


def list_history(sandbox: SlackSandbox, channel: Channel) -> list[Message]:
    """What the Web API returns: no ephemeral messages, no replies, newest first."""
    found = sandbox.world.by_channel.get(channel.id, {}).values()
    roots = [one for one in found if not one.viewer and (not one.thread_ts or one.broadcast)]
    return sorted(roots, key=lambda one: one.ts, reverse=True)


def list_thread(sandbox: SlackSandbox, channel: Channel, ts: str, person_id: str = "") -> list[Message]:
    root = sandbox.world.find_message(channel.id, ts)
    found = [root] if root is not None else []
    found += sandbox.world.replies.get(f"{channel.id}/{ts}", {}).values()
    return sorted((one for one in found if one.viewer in {"", person_id}), key=lambda one: one.ts)


def message_json(sandbox: SlackSandbox, message: Message) -> JsonObject:
    """As Slack hands a message to an app: in API answers, in clicks, in history."""
    world = sandbox.world
    shown: JsonObject = {"type": "message", "user": message.user_id, "ts": message.ts, "text": message.text}
    shown["team"] = world.channels[message.channel_id].team_id
    if message.subtype:
        shown["subtype"] = message.subtype
    if message.bot_id:
        shown |= {"bot_id": message.bot_id, "app_id": sandbox.settings.app_id}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.edited_ts:
        shown["edited"] = {"user": message.user_id, "ts": message.edited_ts}
    if message.metadata:
        shown["metadata"] = message.metadata
    if message.file_ids:
        shown["files"] = [file_json(sandbox, world.files[one]) for one in message.file_ids]
    return shown | _thread_facts(sandbox, message)


def _thread_facts(sandbox: SlackSandbox, message: Message) -> JsonObject:
    if message.thread_ts:
        return {"thread_ts": message.thread_ts}
    channel = sandbox.world.channels[message.channel_id]
    replies = [one for one in list_thread(sandbox, channel, message.ts) if one.ts != message.ts and not one.viewer]
    if not replies:
        return {}
    users = list(dict.fromkeys(one.user_id for one in replies))
    facts: JsonObject = {"thread_ts": message.ts, "reply_count": len(replies), "reply_users": users}
    return facts | {"latest_reply": replies[-1].ts, "reply_users_count": len(users)}


def _fill(sandbox: SlackSandbox, message: Message, content: JsonObject) -> None:
    text = content.get("text")
    message.text = text[:MOST_TEXT] if isinstance(text, str) else ""
    message.blocks = fill_ids(content.get("blocks") or [], lambda: sandbox.world.next_secret("block", 5))
    if isinstance(content.get("metadata"), dict):
        message.metadata = content["metadata"]


def _tell(sandbox: SlackSandbox, message: Message, *, posted: bool = False) -> None:
    channel = sandbox.world.channels[message.channel_id]
    facts = {"channel": channel.id, "ts": message.ts, "viewer": message.viewer, "posted": posted}
    sandbox.changed("message", team=channel.team_id, **facts)
