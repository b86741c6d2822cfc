"""The classic layout blocks."""

from sandbox.slack.blocks.elements import (
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    check_element,
    check_picture,
)
from sandbox.slack.blocks.objects import check_text, require_text
from sandbox.slack.blocks.problems import JsonObject, Problems


def check_section(problems: Problems, block: JsonObject, at: str) -> None:
    if block.get("text") is None and not block.get("fields"):
        problems.add("must define either `text` or `fields`", at)
    check_text(problems, block, "text", at, 3000)
    for n, (_field, _where) in enumerate(problems.objects(block, "fields", at, 0, 10)):
        check_text(problems, {str(n): _field}, str(n), f"{at}/fields", 2000)
    accessory = problems.child(block, "accessory", at)
    if accessory is not None:
        check_element(problems, accessory, f"{at}/accessory", IN_SECTION)
    problems.boolean(block, "expand", at)
    problems.known_keys(block, frozenset({"type", "block_id", "text", "fields", "accessory", "expand"}), at)


def check_header(problems: Problems, block: JsonObject, at: str) -> None:
    require_text(problems, block, "text", at, 150, plain=True)
    problems.known_keys(block, frozenset({"type", "block_id", "text", "level"}), at)


def check_divider(problems: Problems, block: JsonObject, at: str) -> None:
    problems.known_keys(block, frozenset({"type", "block_id"}), at)


def check_image(problems: Problems, block: JsonObject, at: str) -> None:
    check_picture(problems, block, at)
    check_text(problems, block, "title", at, 2000, plain=True)
    allowed = {"type", "block_id", "image_url", "alt_text", "title", "slack_file"}
    problems.known_keys(block, frozenset(allowed), at)


def check_context(problems: Problems, block: JsonObject, at: str) -> None:
    for n, (element, where) in enumerate(problems.objects(block, "elements", at, 1, 10)):
        if element.get("type") == "image":
            check_picture(problems, element, where)
        else:
            check_text(problems, {str(n): element}, str(n), f"{at}/elements", 3000)
    problems.known_keys(block, frozenset({"type", "block_id", "elements"}), at)


def check_actions(problems: Problems, block: JsonObject, at: str) -> None:
    check_row(problems, block, at, IN_ACTIONS, 25)
    problems.known_keys(block, frozenset({"type", "block_id", "elements"}), at)


def check_context_actions(problems: Problems, block: JsonObject, at: str) -> None:
    check_row(problems, block, at, IN_CONTEXT_ACTIONS, 5)


def check_row(problems: Problems, block: JsonObject, at: str, allowed: tuple[str, ...], most: int) -> None:
    seen: set[str] = set()
    for element, where in problems.objects(block, "elements", at, 1, most):
        check_element(problems, element, where, allowed)
        action_id = element.get("action_id")
        if isinstance(action_id, str):
            if action_id in seen:
                problems.add(f"`action_id` {action_id} already exists in this block", f"{where}/action_id")
            seen.add(action_id)


def check_input(problems: Problems, block: JsonObject, at: str) -> None:
    require_text(problems, block, "label", at, 2000, plain=True)
    check_text(problems, block, "hint", at, 2000, plain=True)
    problems.boolean(block, "optional", at)
    problems.boolean(block, "dispatch_action", at)
    element = problems.child(block, "element", at, required=True)
    if element is not None:
        check_element(problems, element, f"{at}/element", IN_INPUT)
    allowed = {"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"}
    problems.known_keys(block, frozenset(allowed), at)
