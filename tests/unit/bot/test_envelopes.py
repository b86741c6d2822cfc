"""Whose request it is, read from each shape of payload that Slack's documents allow."""

from typing import Any

import pytest

from bot.middleware import Envelope, read_envelope

USER = {"id": "U1", "username": "ann", "name": "ann", "team_id": "T1"}


def interaction(**parts: Any) -> dict[str, Any]:
    team = {"id": "T1", "domain": "acme"}
    return {"user": USER, "team": team, "enterprise": None, "is_enterprise_install": False} | parts


def test_a_command_names_its_team_in_fields() -> None:
    fields = {"team_id": "T1", "user_id": "U1", "is_enterprise_install": "false"}
    assert read_envelope(fields) == Envelope("", "T1", "U1", "T1")


def test_a_click_of_another_teams_person_keeps_both_teams_apart() -> None:
    stranger = interaction(user=USER | {"team_id": "T9"}, view={"app_installed_team_id": "T1"}, team={"id": "T9"})
    assert read_envelope(stranger) == Envelope("", "T1", "U1", "T9")


@pytest.mark.parametrize("view", [None, {"app_installed_team_id": "E1"}])
def test_an_org_wide_install_may_name_no_team_and_means_the_persons_own(view: dict[str, str] | None) -> None:
    body = interaction(team=None, enterprise={"id": "E1", "name": "Grid"}, is_enterprise_install=True, view=view)
    assert read_envelope(body) == Envelope("E1", "T1", "U1", "T1", org_wide=True)


def test_a_command_under_an_org_wide_install_says_so_in_words() -> None:
    fields = {"team_id": "T1", "enterprise_id": "E1", "user_id": "U1", "is_enterprise_install": "true"}
    assert read_envelope(fields) == Envelope("E1", "T1", "U1", "T1", org_wide=True)


@pytest.mark.parametrize("user", ["U1", {"id": "U1"}])
def test_an_event_names_its_person_by_id_or_whole(user: object) -> None:
    body = {"team_id": "T1", "enterprise_id": None, "event": {"type": "user_change", "user": user}}
    assert read_envelope(body) == Envelope("", "T1", "U1", "T1")
