"""The stand-in refuses what Slack refuses, and says where; it agrees with two independent opinions."""

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models import blocks as sdk

from sandbox.slack.blocks.surfaces import BLOCKS, check_message, check_view, is_too_large

JsonObject = dict[str, Any]


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> JsonObject:
    return {"type": "mrkdwn", "text": text}


def button(**changes: Any) -> JsonObject:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **changes}


def actions(*elements: JsonObject) -> JsonObject:
    return {"type": "actions", "elements": list(elements)}


def select(count: int, **changes: Any) -> JsonObject:
    options = [{"text": plain(f"o{n}"), "value": f"v{n}"} for n in range(count)]
    return {"type": "static_select", "action_id": "s", "options": options, **changes}


def chart(**changes: Any) -> JsonObject:
    series = [{"name": "Cash", "data": [{"label": "Jan", "value": -1}, {"label": "Feb", "value": 2.5}]}]
    body = {"type": "line", "series": series, "axis_config": {"categories": ["Jan", "Feb"]}}
    return {"type": "data_visualization", "title": "Cash", "chart": {**body, **changes}}


def cell(text: str) -> JsonObject:
    return {"type": "raw_text", "text": text}


def modal(*blocks: JsonObject, **changes: Any) -> JsonObject:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Save"), "blocks": list(blocks), **changes}


SECTION = {"type": "section", "text": mrkdwn("x")}
INPUT = {"type": "input", "label": plain("Name"), "element": {"type": "plain_text_input", "action_id": "n"}}

GOOD: list[JsonObject] = [
    SECTION,
    {"type": "section", "fields": [mrkdwn("a"), plain("b")], "accessory": button(style="danger", url="https://a.test")},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider", "block_id": "d"},
    {"type": "image", "image_url": "https://a.test/x.png", "alt_text": "x"},
    {"type": "context", "elements": [mrkdwn("a"), {"type": "image", "image_url": "https://a.test", "alt_text": "x"}]},
    actions(*(button(action_id=f"a{n}") for n in range(25))),
    actions(select(100), {"type": "datepicker", "action_id": "d", "initial_date": "2026-11-21"}),
    INPUT,
    {"type": "markdown", "text": "**x**"},
    {
        "type": "table",
        "rows": [[cell("a"), {"type": "raw_number", "value": 1, "text": "1"}]],
        "column_settings": [None],
    },
    {"type": "data_table", "caption": "c", "rows": [[cell("h")], [cell("1")]]},
    chart(),
    {
        "type": "data_visualization",
        "title": "P",
        "chart": {"type": "pie", "segments": [{"label": "A", "value": 1}]},
    },
    {"type": "card", "title": mrkdwn("x"), "actions": [button()]},
    {"type": "container", "title": plain("x"), "child_blocks": [SECTION, actions(button())]},
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "<!channel>"}]}],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "f",
                "positive_button": {"text": plain("+"), "value": "1"},
                "negative_button": {"text": plain("-"), "value": "0"},
            }
        ],
    },
]

BAD: list[tuple[JsonObject, str]] = [
    ({"type": "section"}, "/blocks/0"),
    ({"type": "section", "text": mrkdwn("x" * 3001)}, "/blocks/0/text/text"),
    ({"type": "section", "text": mrkdwn("")}, "/blocks/0/text/text"),
    ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "/blocks/0/fields/0/text"),
    ({"type": "section", "fields": [mrkdwn("x")] * 11}, "/blocks/0/fields"),
    ({"type": "section", "text": mrkdwn("x"), "accessory": INPUT["element"]}, "/blocks/0/accessory/type"),
    ({"type": "header", "text": mrkdwn("x")}, "/blocks/0/text/type"),
    ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text"),
    ({"type": "image", "image_url": "https://a.test/x.png"}, "/blocks/0"),
    ({"type": "image", "image_url": "javascript:x", "alt_text": "x"}, "/blocks/0/image_url"),
    ({"type": "context", "elements": []}, "/blocks/0/elements"),
    (actions(*(button(action_id=f"a{n}") for n in range(26))), "/blocks/0/elements"),
    (actions(button(), button()), "/blocks/0/elements/1/action_id"),
    (actions(button(style="blue")), "/blocks/0/elements/0/style"),
    (actions(button(text=mrkdwn("x"))), "/blocks/0/elements/0/text/type"),
    (actions(button(text=plain("x" * 76))), "/blocks/0/elements/0/text/text"),
    (actions(button(value="x" * 2001)), "/blocks/0/elements/0/value"),
    (actions(button(value=42)), "/blocks/0/elements/0/value"),
    (actions(button(colour="red")), "/blocks/0/elements/0"),
    (actions(button(confirm={"text": mrkdwn("x")})), "/blocks/0/elements/0/confirm"),
    (actions(select(101)), "/blocks/0/elements/0/options"),
    (actions(select(1, option_groups=[])), "/blocks/0/elements/0"),
    (actions(select(1, initial_option={"text": plain("?"), "value": "?"})), "/blocks/0/elements/0/initial_option"),
    (actions({**select(6), "type": "overflow"}), "/blocks/0/elements/0/options"),
    (actions({**select(11), "type": "checkboxes"}), "/blocks/0/elements/0/options"),
    (
        actions({"type": "datepicker", "action_id": "d", "initial_date": "21.11.2026"}),
        "/blocks/0/elements/0/initial_date",
    ),
    ({"type": "table", "rows": [[cell("x")]] * 101}, "/blocks/0/rows"),
    ({"type": "table", "rows": [[cell("x")] * 21]}, "/blocks/0/rows/0"),
    ({"type": "table", "rows": [[cell("x" * 6000), cell("x" * 6000)]]}, "/blocks/0"),
    ({"type": "table", "rows": [[plain("x")]]}, "/blocks/0/rows/0/0"),
    ({"type": "data_table", "rows": [[cell("h")], [cell("1")]]}, "/blocks/0"),
    ({**chart(), "title": "x" * 51}, "/blocks/0/title"),
    (chart(series=[{"name": "Cash", "data": [{"label": "Jan", "value": 1}]}]), "/blocks/0/chart/series/0/data"),
    (chart(axis_config={"categories": [str(n) for n in range(21)]}), "/blocks/0/chart/axis_config/categories"),
    (chart(type="pie", segments=[{"label": "A", "value": 0}]), "/blocks/0/chart/segments/0/value"),
    (chart(type="radar"), "/blocks/0/chart/type"),
    ({"type": "alert", "text": plain("only in modals")}, "/blocks/0/type"),
    ({"type": "container", "child_blocks": [SECTION]}, "/blocks/0"),
    ({"type": "container", "title": plain("x"), "child_blocks": [INPUT]}, "/blocks/0/child_blocks/0/type"),
    ({"type": "markdown", "text": "x" * 12_001}, "/blocks/0/text"),
    ({"type": "plot"}, "/blocks/0/type"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda one: str(one["type"]))
def test_valid_blocks_pass(block: JsonObject) -> None:
    assert check_message([block]) == []


@pytest.mark.parametrize(("block", "pointer"), BAD, ids=lambda one: one if isinstance(one, str) else str(one["type"]))
def test_each_broken_rule_is_reported_at_its_place(block: JsonObject, pointer: str) -> None:
    assert any(problem.endswith(f"[json-pointer:{pointer}]") for problem in check_message([block]))


def test_a_message_holds_fifty_blocks_and_a_view_a_hundred() -> None:
    assert check_message([SECTION] * 50) == []
    assert check_message([SECTION] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert check_view(modal(*[SECTION] * 100)) == []
    assert check_view(modal(*[SECTION] * 101)) == ["no more than 100 items allowed [json-pointer:/view/blocks]"]


def test_block_ids_are_unique_and_charts_at_most_two() -> None:
    twice = [{**SECTION, "block_id": "b"}] * 2
    assert check_message(twice) == ["`block_id` b already exists [json-pointer:/blocks/1/block_id]"]
    assert check_message([chart(), chart()]) == []
    assert "no more than 2 data_visualization" in check_message([chart()] * 3)[0]
    table = {"type": "table", "rows": [[cell("x")]]}
    assert "only one table" in check_message([table, table])[0]


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (modal(INPUT, submit=None), "`submit` is required"),
        (modal(title=plain("x" * 25)), "less than 25 characters"),
        (modal(title=mrkdwn("x")), "plain_text"),
        (modal(private_metadata="x" * 3001), "less than 3001"),
        (modal(colour="red"), "invalid additional property: colour"),
        (modal({"type": "table", "rows": [[cell("x")]]}), "unsupported type: table"),
        ({"type": "home", "blocks": [], "title": plain("x")}, "invalid additional property: title"),
        ({"type": "home", "blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown"),
        ({"type": "window", "blocks": []}, "modal or home"),
        ({"type": "home"}, "must be an array"),
    ],
)
def test_views_have_rules_of_their_own(view: JsonObject, words: str) -> None:
    assert any(words in problem for problem in check_view(view))


def test_alerts_live_in_modals_and_large_views_are_measured() -> None:
    assert check_view(modal({"type": "alert", "level": "warning", "text": mrkdwn("x")})) == []
    assert not is_too_large(modal(SECTION))
    assert is_too_large(modal(*[{"type": "section", "text": mrkdwn("x" * 2900)}] * 90))


def test_rejected_types_are_refused_as_unknown() -> None:
    assert check_message([chart()], ["data_visualization"]) == [
        "unsupported type: data_visualization [json-pointer:/blocks/0/type]"
    ]


@pytest.mark.parametrize("block", [one for one in GOOD if one["type"] not in {"data_table", "data_visualization"}])
def test_slacks_own_sdk_accepts_what_passes(block: JsonObject) -> None:
    parsed = sdk.Block.parse(copy.deepcopy(block))
    assert parsed is not None
    assert parsed.to_dict()["type"] == block["type"]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": mrkdwn("x" * 3001)},
        {"type": "header", "text": plain("x" * 151)},
        actions(*(button(action_id=f"a{n}") for n in range(26))),
        actions(select(101)),
    ],
)
def test_what_slacks_own_sdk_refuses_is_refused(block: JsonObject) -> None:
    parsed = sdk.Block.parse(copy.deepcopy(block))
    assert parsed is not None
    with pytest.raises(SlackObjectFormationError):
        parsed.to_dict()
    assert check_message([block])


def test_surfaces_agree_with_slackblocks() -> None:
    surfaces = pytest.importorskip("slackblocks._surfaces")._BLOCK_TYPES_BY_SURFACE
    for kind, (_, allowed) in BLOCKS.items():
        assert set(allowed) == {surface for surface, kinds in surfaces.items() if kind in kinds}, kind
