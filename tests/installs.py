"""A workspace as Slack grants it to us, for the tests that need one."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from domains.businesses import WorkspaceRow
from orchestrators.installs import Install

INSTALLED_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def new_team() -> str:
    return f"T{uuid4().hex[:10].upper()}"


def granted(**facts: Any) -> Install:
    """`facts` replace what Slack usually says."""
    usual = Install(
        enterprise_id="",
        team_id=new_team(),
        team_name="Harbor & Pine Studio",
        app_id="A1",
        bot_id="B1",
        bot_user_id="UBOT",
        scopes="commands",
        token="xoxb-1",
        refresh_token=None,
        expires_in=None,
        installed_by="U1",
    )
    return replace(usual, **facts)


def workspace_row(**facts: Any) -> WorkspaceRow:
    """As it is kept once it was installed; without tokens unless they are named."""
    usual = granted()
    names = ("enterprise_id", "team_id", "team_name", "app_id", "bot_id", "bot_user_id", "scopes", "installed_by")
    kept = {name: getattr(usual, name) for name in names} | {"installed_at": INSTALLED_AT, "dead": False}
    return WorkspaceRow(**kept | facts)
