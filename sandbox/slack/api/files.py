"""files.*: the three-step upload."""

from typing import Any

from sandbox.slack import files, messages
from sandbox.slack.api.call import Call, SlackError, method
from sandbox.slack.api.content import refuse_bad_blocks
from sandbox.slack.api.target import get_target
from sandbox.slack.model import Channel, File

JsonObject = dict[str, Any]


@method("files.getUploadURLExternal", "files:write")
async def files_get_upload_url_external(call: Call) -> JsonObject:
    name, length = call.args.need("filename"), call.args.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments")
    file = files.start_upload(call.sandbox, call.installation, name, length)
    file.alt_text = call.args.text("alt_txt")
    return {"upload_url": files.upload_url(call.sandbox, file), "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
async def files_complete_upload_external(call: Call) -> JsonObject:
    given = call.args.json("files")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments")
    uploaded = [_get_uploaded(call, one) for one in given]
    targets = [get_target(call, one) for one in _list_targets(call)]
    blocks = call.args.json("blocks")
    if blocks:
        refuse_bad_blocks(call.sandbox, blocks)
    for file in uploaded:
        file.completed = True
    for channel in targets:
        _share(call, channel, uploaded, blocks)
    return {"files": [files.file_json(call.sandbox, one) for one in uploaded]}


@method("files.info", "files:read")
async def files_info(call: Call) -> JsonObject:
    return {"file": files.file_json(call.sandbox, _get_file(call, call.args.need("file")))}


@method("files.delete", "files:write", tier=3)
async def files_delete(call: Call) -> JsonObject:
    file = _get_file(call, call.args.need("file"))
    if file.user_id != call.bot_id:
        raise SlackError("cant_delete_file")
    del call.sandbox.world.files[file.id]
    for message in call.sandbox.world.messages.values():
        message.file_ids = [one for one in message.file_ids if one != file.id]
    call.sandbox.changed("message", team=call.team_id)
    return {}


def _list_targets(call: Call) -> list[str]:
    many = [one for one in call.args.text("channels").split(",") if one]
    return many or ([call.args.text("channel_id")] if "channel_id" in call.args else [])


def _get_file(call: Call, file_id: str) -> File:
    file = call.sandbox.world.files.get(file_id)
    if file is None or file.team_id != call.team_id:
        raise SlackError("file_not_found")
    return file


def _get_uploaded(call: Call, given: JsonObject) -> File:
    file = _get_file(call, str(given.get("id")))
    if file.content is None:
        raise SlackError("file_not_found")
    file.title = str(given.get("title") or file.name)
    return file


def _share(call: Call, channel: Channel, uploaded: list[File], blocks: list[JsonObject] | None) -> None:
    content = {"text": call.args.text("initial_comment"), "blocks": blocks}
    for file in uploaded:
        file.channels.append(channel.id)
    messages.post(
        call.sandbox,
        channel,
        call.bot_id,
        content,
        thread_ts=call.args.text("thread_ts"),
        file_ids=[one.id for one in uploaded],
    )
