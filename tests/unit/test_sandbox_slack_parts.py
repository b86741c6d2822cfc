"""Small promises of the stand-in: signatures, mentions, inputs, limits, clock, manifest, ids."""

import asyncio
import json
from typing import Any

import pytest
from slack_sdk.signature import Clock as VerifiersClock
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import AppSettings, read_manifest
from sandbox.slack.answers import check_inputs, initial_values, merge_values, state_of
from sandbox.slack.clock import Clock
from sandbox.slack.limits import Limits
from sandbox.slack.live import Live
from sandbox.slack.mentions import encode
from sandbox.slack.people import find_person
from sandbox.slack.seed import seed
from sandbox.slack.signing import sign
from sandbox.slack.world import World, load_world

JsonObject = dict[str, Any]


def seeded() -> World:
    world = World()
    seed(world)
    return world


def first_team(world: World) -> str:
    return next(iter(world.teams))


class Then(VerifiersClock):
    """Given, never set on the verifier's own: all verifiers of a process share that one."""

    def now(self) -> float:
        return 1_700_000_000.0


def test_signatures_satisfy_slacks_own_verifier() -> None:
    verifier = SignatureVerifier("s3cret", Then())
    assert verifier.is_valid(b"a=b", "1700000000", sign("s3cret", 1_700_000_000, b"a=b"))
    assert not verifier.is_valid(b"a=c", "1700000000", sign("s3cret", 1_700_000_000, b"a=b"))


def test_typed_text_is_escaped_once_and_mentions_become_ids() -> None:
    world = seeded()
    team = first_team(world)
    maya = find_person(world, team, "maya")
    assert maya is not None
    typed = "<b> & @maya @nobody #general @channel mail@maya"
    encoded = encode(world, team, typed, labels=True)
    assert encoded.startswith(f"&lt;b&gt; &amp; <@{maya.id}|maya> @nobody <#C")
    assert encoded.endswith("|general> <!channel> mail@maya")
    assert f"<@{maya.id}>" in encode(world, team, typed, labels=False)


def test_every_start_gives_the_same_ids_and_a_dump_can_be_loaded() -> None:
    one, two = seeded(), seeded()
    assert list(one.people) == list(two.people)
    again = load_world(json.loads(json.dumps(one.dump())))
    assert again.people == one.people
    assert again.next_id("U") == one.next_id("U")
    assert again.clock.next_ts() > max(message.ts for message in one.messages.values())


def test_timestamps_strictly_increase() -> None:
    clock = Clock()
    stamps = [clock.next_ts() for _ in range(1000)]
    assert stamps == sorted(set(stamps))


NUMBER = {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"}
EMAIL = {"type": "email_text_input", "action_id": "n"}
URL = {"type": "url_text_input", "action_id": "n"}
TEXT = {"type": "plain_text_input", "action_id": "n", "min_length": 2, "max_length": 3}


@pytest.mark.parametrize(
    ("element", "value", "verdict"),
    [
        (NUMBER, "5", "fine"),
        (NUMBER, "5.5", "refused"),
        (NUMBER, "0", "refused"),
        (NUMBER, "10", "refused"),
        (NUMBER, "five", "refused"),
        (EMAIL, "a@b.test", "fine"),
        (EMAIL, "a@b", "refused"),
        (URL, "https://a.test/x", "fine"),
        (URL, "a.test", "refused"),
        (TEXT, "abc", "fine"),
        (TEXT, "a", "refused"),
        (TEXT, "abcd", "refused"),
        (TEXT, "", "refused"),
    ],
)
def test_slack_checks_inputs_before_the_app_does(element: JsonObject, value: str, verdict: str) -> None:
    blocks = [{"type": "input", "block_id": "b", "label": {}, "element": element}]
    values = merge_values(blocks, {}, {"b": value})
    assert ("refused" if check_inputs(blocks, values) else "fine") == verdict
    optional = [{**blocks[0], "optional": True}]
    assert check_inputs(optional, initial_values(optional, {})) == {}


def test_states_have_slacks_keys() -> None:
    option = {"text": {"type": "plain_text", "text": "A"}, "value": "a"}
    cases: list[tuple[JsonObject, object, JsonObject]] = [
        ({"type": "plain_text_input"}, "", {"value": None}),
        ({"type": "static_select", "options": [option]}, "a", {"selected_option": option}),
        ({"type": "checkboxes", "options": [option]}, ["a"], {"selected_options": [option]}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "multi_channels_select"}, ["C1"], {"selected_channels": ["C1"]}),
        ({"type": "datepicker"}, "2026-11-21", {"selected_date": "2026-11-21"}),
        ({"type": "datetimepicker"}, 1_795_000_000, {"selected_date_time": 1_795_000_000}),
    ]
    for element, value, state in cases:
        assert state_of(element, value) == {"type": element["type"], **state}
    with pytest.raises(LookupError):
        state_of({"type": "static_select", "options": [option]}, "b")


def test_what_was_typed_survives_an_update_under_the_same_ids() -> None:
    blocks = [{"type": "input", "block_id": "b", "element": {**TEXT, "initial_value": "x"}}]
    typed = merge_values(blocks, {}, {"n": "yy"})
    assert initial_values(blocks, typed)["b"]["n"]["value"] == "yy"
    renamed = [{**blocks[0], "block_id": "other"}]
    assert initial_values(renamed, typed)["other"]["n"]["value"] == "x"


def test_buckets_are_kept_per_team_method_and_channel() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0], enabled=True)
    assert [limits.check("T1", "chat.postMessage", 4, "C1") for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    assert limits.check("T1", "chat.postMessage", 4, "C2") == 0
    assert limits.check("T2", "chat.postMessage", 4, "C1") == 0
    now[0] = 1.0
    assert limits.check("T1", "chat.postMessage", 4, "C1") == 0
    assert [limits.check("T1", "apps.uninstall", 1) for _ in range(2)] == [0, 60]


def test_a_manifest_sets_the_app_up_as_slack_would() -> None:
    manifest = {
        "display_information": {"name": "App", "description": "Does it"},
        "features": {
            "bot_user": {"display_name": "Bot"},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "slash_commands": [{"command": "/do", "description": "x", "usage_hint": "[y]", "should_escape": True}],
        },
        "oauth_config": {"redirect_urls": ["https://a.test/back"], "scopes": {"bot": ["commands"]}},
        "settings": {
            "event_subscriptions": {"request_url": "https://a.test/events", "bot_events": ["team_join"]},
            "token_rotation_enabled": True,
        },
    }
    app = read_manifest(AppSettings(), manifest)
    assert (app.name, app.events_url, app.events) == ("Bot", "https://a.test/events", ("team_join",))
    assert (app.messages_tab_read_only, app.token_rotation, app.scopes) == (True, True, ("commands",))
    assert app.find_command("/do") is not None
    assert app.find_command("/other") is None


async def test_open_pages_hear_changes_and_let_the_server_stop() -> None:
    live = Live()
    heard: list[str] = []

    async def listen() -> None:
        heard.extend([frame async for frame in live.stream()])

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    live.publish("message", channel="C1")
    live.close()
    await task
    assert heard[0].startswith(":")
    assert json.loads(heard[1].removeprefix("data: ")) == {"kind": "message", "channel": "C1"}
