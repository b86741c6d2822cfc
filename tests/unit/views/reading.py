"""A view as a person meets it: the words, and the buttons by their words."""

from typing import Any

from bot.views.blocks import Home, Message, Modal
from tests.unit.views.opinions import nodes, shown

View = Message | Modal | Home


def words(view: View) -> str:
    """Everything that is shown in blocks, in order."""
    return "\n".join(text for text in shown({"blocks": view.payload()["blocks"]}) if text)


def buttons(view: View) -> list[str]:
    return [str(node["text"]["text"]) for node in _elements(view) if node["type"] == "button"]


def button(view: View, beginning: str) -> dict[str, Any]:
    return next(
        dict(node)
        for node in _elements(view)
        if node["type"] == "button" and node["text"]["text"].startswith(beginning)
    )


def fields(view: View) -> list[str]:
    """The ids under which a form's values come back."""
    return [block["block_id"] for block in view.payload()["blocks"] if block["type"] == "input"]


def _elements(view: View) -> list[Any]:
    return [node for node in nodes(view.payload()["blocks"]) if "action_id" in node]
