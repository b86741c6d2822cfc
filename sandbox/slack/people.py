"""Who is in a workspace, and how Slack describes them to an app."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.slack.model import SLACKBOT, Person
from sandbox.slack.world import World

JsonObject = dict[str, Any]


def list_people(world: World, team_id: str) -> list[Person]:
    """Members, bots and Slackbot, and the strangers this workspace meets in shared channels."""
    return [one for one in world.people.values() if belongs_to(one, team_id)]


def belongs_to(person: Person, team_id: str) -> bool:
    return person.team_id == team_id or person.id == SLACKBOT or team_id in person.seen_in


def find_person(world: World, team_id: str, reference: str) -> Person | None:
    """By id, handle or role, in this order; deactivated people are found too."""
    people = [one for one in list_people(world, team_id) if reference in {one.id, one.name, one.role}]
    return next((one for one in people if reference in {one.id, one.name}), people[0] if people else None)


def is_stranger(person: Person, team_id: str) -> bool:
    return team_id in person.seen_in and person.team_id != team_id


def user_json(person: Person, team_id: str, *, with_email: bool = False) -> JsonObject:
    offset = datetime.now(UTC).astimezone(ZoneInfo(person.tz)).utcoffset()
    profile: JsonObject = {
        "real_name": person.real_name,
        "display_name": person.name,
        "title": person.title,
        "team": person.team_id or team_id,
    }
    if with_email and not person.is_bot:
        profile["email"] = f"{person.name}@example.com"
    return {
        "id": person.id,
        "team_id": person.team_id or team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "tz": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile,
        "is_bot": person.is_bot and person.id != SLACKBOT,
        "is_app_user": False,
        "updated": person.updated,
        **_flags(person, team_id),
    }


def _flags(person: Person, team_id: str) -> JsonObject:
    if is_stranger(person, team_id):
        return {"is_stranger": True, "is_restricted": False, "is_ultra_restricted": False}
    return {
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_primary_owner": person.is_primary_owner,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
    }
