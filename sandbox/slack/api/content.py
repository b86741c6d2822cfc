"""Checks what a message or a view would contain, the same for the Web API and for response_urls."""

import json
from typing import Any

from sandbox.slack.api.call import Args, SlackError
from sandbox.slack.blocks.surfaces import check_message, check_view, is_too_large
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]

MOST_BLOCKS_BYTES = 100_000


def accept_content(sandbox: SlackSandbox, args: Args) -> JsonObject:
    """Text and blocks fit to be posted, or SlackError: no_text, invalid_blocks, msg_blocks_too_long."""
    blocks = args.json("blocks")
    text = args.text("text") or args.text("markdown_text")
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if not text and not blocks and not args.json("attachments"):
        raise SlackError("no_text")
    if blocks:
        refuse_bad_blocks(sandbox, blocks)
    return {"text": text, "blocks": blocks, "metadata": args.json("metadata")}


def refuse_bad_blocks(sandbox: SlackSandbox, blocks: list[JsonObject]) -> None:
    problems = check_message(blocks, sandbox.faults.rejected_blocks)
    if problems:
        listed = {"messages": [f"[ERROR] {one}" for one in problems]}
        raise SlackError("invalid_blocks", errors=problems, response_metadata=listed)
    if len(json.dumps(blocks)) > MOST_BLOCKS_BYTES:
        raise SlackError("msg_blocks_too_long")


def accept_view(sandbox: SlackSandbox, view: object, kind: str) -> JsonObject:
    """A view of that type, or SlackError: invalid_arguments with Slack's list, view_too_large."""
    problems = check_view(view, sandbox.faults.rejected_blocks)
    if not problems and isinstance(view, dict) and view["type"] != kind:
        problems = [f"must be of type {kind} [json-pointer:/view/type]"]
    if problems or not isinstance(view, dict):
        listed = {"messages": [f"[ERROR] {one}" for one in problems]}
        raise SlackError("invalid_arguments", response_metadata=listed)
    if is_too_large(view):
        raise SlackError("view_too_large")
    return view
