"""Blocks that came after the classic set: alerts, cards, containers, plans, markdown and media."""

from sandbox.slack.blocks.elements import check_element, check_picture
from sandbox.slack.blocks.objects import check_text, require_text
from sandbox.slack.blocks.problems import JsonObject, Problems

MOST_MARKDOWN = 12_000


def check_markdown(problems: Problems, block: JsonObject, at: str) -> None:
    problems.string(block, "text", at, MOST_MARKDOWN, required=True)
    problems.markdown_length += len(str(block.get("text", "")))
    if problems.markdown_length > MOST_MARKDOWN:
        problems.add(f"must be less than {MOST_MARKDOWN + 1} characters in all markdown blocks", at)


def check_alert(problems: Problems, block: JsonObject, at: str) -> None:
    problems.choice(block, "level", at, ("default", "info", "warning", "error", "success"))
    require_text(problems, block, "text", at, 200)
    problems.known_keys(block, frozenset({"type", "block_id", "level", "text"}), at)


def check_card(problems: Problems, block: JsonObject, at: str) -> None:
    if not any(block.get(key) for key in ("title", "body", "hero_image", "actions")):
        problems.add("must define one of `title`, `body`, `hero_image` or `actions`", at)
    for key, limit in (("title", 150), ("subtitle", 150), ("body", 200), ("subtext", 200)):
        check_text(problems, block, key, at, limit)
    for key in ("icon", "hero_image"):
        picture = problems.child(block, key, at)
        if picture is not None:
            check_picture(problems, picture, f"{at}/{key}")
    for button, where in problems.objects(block, "actions", at, 0, 3):
        check_element(problems, button, where, ("button",))


def check_carousel(problems: Problems, block: JsonObject, at: str) -> None:
    for card, where in problems.objects(block, "elements", at, 1, 10):
        if card.get("type") != "card":
            problems.add("must be a card", f"{where}/type")
        check_card(problems, card, where)


def check_task_card(problems: Problems, block: JsonObject, at: str) -> None:
    problems.string(block, "task_id", at, 255, required=True)
    problems.string(block, "title", at, 150, required=True)
    problems.choice(block, "status", at, ("pending", "in_progress", "complete", "error"))
    if block.get("status") == "pending" and "/tasks/" not in at:
        problems.add("pending is only allowed inside a plan", f"{at}/status")


def check_plan(problems: Problems, block: JsonObject, at: str) -> None:
    problems.string(block, "title", at, 150, required=True)
    for task, where in problems.objects(block, "tasks", at, 0, 50):
        check_task_card(problems, task, where)


def check_video(problems: Problems, block: JsonObject, at: str) -> None:
    require_text(problems, block, "title", at, 200, plain=True)
    problems.url(block, "video_url", at, required=True)
    problems.url(block, "thumbnail_url", at, required=True)
    problems.string(block, "alt_text", at, 2000, required=True)


def check_file(problems: Problems, block: JsonObject, at: str) -> None:
    problems.string(block, "external_id", at, 255, required=True)
    problems.choice(block, "source", at, ("remote",), required=True)
