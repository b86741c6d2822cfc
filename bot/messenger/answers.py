"""Slack's answers as typed facts: people and installations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """What users.info says that matters to rights. `refused_as` names why somebody can have none."""

    slack_user: str
    name: str
    zone: str
    is_owner: bool
    refused_as: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to an OAuth code: one workspace let the app in. Enterprise and team are '' where Slack says null."""

    enterprise_id: str
    team_id: str
    team_name: str
    app_id: str
    bot_user_id: str
    scopes: str
    token: str
    refresh_token: str | None
    expires_in: int | None
    installed_by: str


def read_person(user: Mapping[str, Any]) -> SlackPerson:
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return SlackPerson(
        slack_user=str(user["id"]),
        name=str(name or user["id"])[:200],
        zone=str(user.get("tz") or "UTC"),
        is_owner=bool(user.get("is_owner") or user.get("is_primary_owner")),
        refused_as=_refused_as(user),
    )


def _refused_as(user: Mapping[str, Any]) -> str | None:
    reasons = {
        "deactivated": user.get("deleted"),
        "bot": user.get("is_bot") or user.get("id") == "USLACKBOT",
        "stranger": user.get("is_stranger"),
        "guest": user.get("is_restricted") or user.get("is_ultra_restricted"),
    }
    return next((reason for reason, true in reasons.items() if true), None)


def read_grant(answer: Mapping[str, Any]) -> Grant:
    team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
    expires_in = answer.get("expires_in")
    return Grant(
        enterprise_id=str(enterprise.get("id") or ""),
        team_id=str(team.get("id") or ""),
        team_name=str(team.get("name") or enterprise.get("name") or "your workspace")[:200],
        app_id=str(answer.get("app_id") or ""),
        bot_user_id=str(answer.get("bot_user_id") or ""),
        scopes=str(answer.get("scope") or ""),
        token=str(answer["access_token"]),
        refresh_token=answer.get("refresh_token"),
        expires_in=int(expires_in) if expires_in else None,
        installed_by=str(answer["authed_user"]["id"]),
    )
