"""What workspaces are made of: plain records, so that a whole world can be written to a file and read back."""

from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]

SLACKBOT = "USLACKBOT"


@dataclass(slots=True)
class Team:
    id: str
    name: str
    domain: str
    home: bool = True  # False: a foreign workspace, known only through a shared channel


@dataclass(slots=True)
class Person:
    id: str
    team_id: str
    name: str
    real_name: str
    role: str = "member"
    title: str = ""
    tz: str = "America/New_York"
    is_owner: bool = False
    is_primary_owner: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    bot_id: str = ""
    deleted: bool = False
    updated: int = 0
    seen_in: list[str] = field(default_factory=list)  # teams that meet this stranger in a shared channel


@dataclass(slots=True)
class Channel:
    id: str
    team_id: str
    name: str
    topic: str = ""
    is_private: bool = False
    is_im: bool = False
    is_general: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    created: int = 0
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    channel_id: str
    ts: str
    user_id: str
    text: str = ""
    blocks: list[JsonObject] = field(default_factory=list)
    bot_id: str = ""
    thread_ts: str = ""
    edited_ts: str = ""
    subtype: str = ""
    viewer: str = ""  # set: ephemeral, seen by this person alone
    file_ids: list[str] = field(default_factory=list)
    metadata: JsonObject = field(default_factory=dict)
    broadcast: bool = False


@dataclass(slots=True)
class View:
    id: str
    team_id: str
    user_id: str
    type: str
    blocks: list[JsonObject]
    hash: str
    root_view_id: str
    previous_view_id: str = ""
    title: JsonObject | None = None
    submit: JsonObject | None = None
    close: JsonObject | None = None
    callback_id: str = ""
    private_metadata: str = ""
    external_id: str = ""
    clear_on_close: bool = False
    notify_on_close: bool = False
    values: JsonObject = field(default_factory=dict)
    is_open: bool = True


@dataclass(slots=True)
class File:
    id: str
    team_id: str
    user_id: str
    name: str
    size: int
    upload_key: str
    title: str = ""
    alt_text: str = ""
    created: int = 0
    content: bytes | None = None
    completed: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Installation:
    team_id: str
    bot_user_id: str
    bot_id: str
    scopes: list[str]
    installed_by: str
    installed_at: float
    active: bool = True


@dataclass(slots=True)
class Token:
    value: str
    team_id: str
    kind: str  # bot | refresh
    scopes: list[str]
    expires_at: float = 0.0  # 0: never
    state: str = "live"  # live | token_revoked | account_inactive | used


@dataclass(slots=True)
class Grant:
    """An authorization code on its way from the consent page to oauth.v2.access."""

    code: str
    team_id: str
    user_id: str
    scopes: list[str]
    redirect_uri: str
    expires_at: float
    used: bool = False


@dataclass(slots=True)
class Trigger:
    id: str
    team_id: str
    user_id: str
    expires_at: float
    used: bool = False
    view_id: str = ""  # the modal that was open when it was issued, for views.push


@dataclass(slots=True)
class Hook:
    """A response_url. `source` is the message that was clicked, `posted` the last one this hook wrote."""

    key: str
    kind: str  # commands | actions
    team_id: str
    user_id: str
    channel_id: str
    expires_at: float
    source: str = ""
    posted: str = ""
    thread_ts: str = ""
    uses: int = 0
