"""Whole messages and views: which block may stand where, how many, and with which ids."""

import json
from collections.abc import Sequence

from sandbox.slack.blocks import data, layouts, newer, rich
from sandbox.slack.blocks.elements import Check
from sandbox.slack.blocks.objects import check_text, require_text
from sandbox.slack.blocks.problems import JsonObject, Problems

MESSAGE, MODAL, HOME = "message", "modal", "home"
MOST_BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}
MOST_VIEW_BYTES = 250_000
_ALL = (MESSAGE, MODAL, HOME)

# Block type -> (its check, the surfaces Slack's reference lists for it).
BLOCKS: dict[str, tuple[Check, tuple[str, ...]]] = {
    "section": (layouts.check_section, _ALL),
    "header": (layouts.check_header, _ALL),
    "divider": (layouts.check_divider, _ALL),
    "image": (layouts.check_image, _ALL),
    "context": (layouts.check_context, _ALL),
    "actions": (layouts.check_actions, _ALL),
    "input": (layouts.check_input, _ALL),
    "rich_text": (rich.check_rich_text, _ALL),
    "video": (newer.check_video, _ALL),
    "file": (newer.check_file, (MESSAGE,)),
    "markdown": (newer.check_markdown, (MESSAGE,)),
    "table": (data.check_table, (MESSAGE, HOME)),
    "data_table": (data.check_data_table, (MESSAGE, HOME)),
    "data_visualization": (data.check_chart, (MESSAGE, HOME)),
    "alert": (newer.check_alert, (MODAL,)),
    "card": (newer.check_card, _ALL),
    "carousel": (newer.check_carousel, (MESSAGE, HOME)),
    "context_actions": (layouts.check_context_actions, (MESSAGE,)),
    "plan": (newer.check_plan, (MESSAGE,)),
    "task_card": (newer.check_task_card, (MESSAGE,)),
}
CHILDREN_OF_CONTAINER = tuple(kind for kind in BLOCKS if kind not in {"input", "carousel", "plan"})


def check_message(blocks: object, rejected: Sequence[str] = ()) -> list[str]:
    """What Slack would list in response_metadata.messages; empty when the blocks are fine."""
    problems = Problems(MESSAGE)
    _check_blocks(problems, blocks, "/blocks", rejected)
    return problems.messages


def check_view(view: object, rejected: Sequence[str] = ()) -> list[str]:
    if not isinstance(view, dict) or view.get("type") not in {MODAL, HOME}:
        return ["must define `type` as modal or home [json-pointer:/view/type]"]
    problems = Problems(str(view["type"]))
    _check_blocks(problems, view.get("blocks"), "/view/blocks", rejected)
    for key, limit in (("callback_id", 255), ("external_id", 255), ("private_metadata", 3000)):
        problems.string(view, key, "/view", limit)
    if view["type"] == MODAL:
        _check_modal(problems, view)
    else:
        for key in sorted({"title", "submit", "close"} & view.keys()):
            problems.add(f"invalid additional property: {key}", "/view")
    return problems.messages


def is_too_large(view: object) -> bool:
    return len(json.dumps(view)) > MOST_VIEW_BYTES


def _check_modal(problems: Problems, view: JsonObject) -> None:
    require_text(problems, view, "title", "/view", 24, plain=True)
    for key in ("submit", "close"):
        check_text(problems, view, key, "/view", 24, plain=True)
    blocks = view.get("blocks")
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    if "input" in kinds and not view.get("submit"):
        problems.add("`submit` is required when an input block is present", "/view")
    allowed = {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close"}
    problems.known_keys(view, frozenset(allowed | {"notify_on_close", "external_id", "submit_disabled"}), "/view")


def _check_blocks(problems: Problems, blocks: object, at: str, rejected: Sequence[str]) -> None:
    if not isinstance(blocks, list):
        problems.add("must be an array", at)
        return
    most = MOST_BLOCKS[problems.surface]
    if len(blocks) > most:
        problems.add(f"no more than {most} items allowed", at)
    for n, block in enumerate(blocks):
        _check_block(problems, block, f"{at}/{n}", rejected)


def _check_block(problems: Problems, block: object, at: str, rejected: Sequence[str]) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or kind in rejected or (kind != "container" and kind not in BLOCKS):
        problems.add(f"unsupported type: {kind}", f"{at}/type")
        return
    _check_block_id(problems, block, at)
    if kind == "container":
        _check_container(problems, block, at, rejected)
        return
    check, surfaces = BLOCKS[str(kind)]
    if problems.surface not in surfaces:
        problems.add(f"unsupported type: {kind}", f"{at}/type")
    else:
        check(problems, block, at)


def _check_block_id(problems: Problems, block: JsonObject, at: str) -> None:
    problems.string(block, "block_id", at, 255)
    block_id = block.get("block_id")
    if isinstance(block_id, str) and block_id:
        if block_id in problems.block_ids:
            problems.add(f"`block_id` {block_id} already exists", f"{at}/block_id")
        problems.block_ids.add(block_id)


def _check_container(problems: Problems, block: JsonObject, at: str, rejected: Sequence[str]) -> None:
    if problems.surface == MODAL:
        problems.add("unsupported type: container", f"{at}/type")
    check_text(problems, block, "title", at, 150, plain=True)
    if block.get("title") is None and block.get("rich_text_title") is None:
        problems.add("must define either `title` or `rich_text_title`", at)
    problems.choice(block, "width", at, ("narrow", "standard", "wide", "full"))
    for child, where in problems.objects(block, "child_blocks", at, 1, 10):
        if child.get("type") not in CHILDREN_OF_CONTAINER:
            problems.add(f"unsupported type: {child.get('type')}", f"{where}/type")
        else:
            _check_block(problems, child, where, rejected)
