"""Files as Slack describes them; uploading takes three steps, of which only the last shares."""

import mimetypes
from pathlib import PurePosixPath
from typing import Any

from sandbox.slack.model import File, Installation
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]


def start_upload(sandbox: SlackSandbox, installation: Installation, name: str, size: int) -> File:
    world, owner = sandbox.world, installation.bot_user_id
    file = File(world.next_id("F"), installation.team_id, owner, name, size, world.next_secret("upload"), name)
    file.created = int(world.clock.now())
    world.files[file.id] = file
    return file


def upload_url(sandbox: SlackSandbox, file: File) -> str:
    return f"{sandbox.base_url}/upload/v1/{file.upload_key}"


def find_by_upload_key(sandbox: SlackSandbox, key: str) -> File | None:
    return next((one for one in sandbox.world.files.values() if one.upload_key == key), None)


def mimetype_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def file_json(sandbox: SlackSandbox, file: File) -> JsonObject:
    kind = PurePosixPath(file.name).suffix.lstrip(".").lower() or "binary"
    private = f"{sandbox.base_url}/files-pri/{file.team_id}-{file.id}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "alt_txt": file.alt_text,
        "mimetype": mimetype_of(file.name),
        "filetype": kind,
        "pretty_type": kind.upper(),
        "user": file.user_id,
        "mode": "hosted",
        "size": file.size,
        "url_private": f"{private}/{file.name}",
        "url_private_download": f"{private}/download/{file.name}",
        "permalink": f"{sandbox.base_url}/files/{file.user_id}/{file.id}/{file.name}",
        "channels": file.channels,
        "ims": [one for one in file.channels if one.startswith("D")],
        "is_external": False,
        "is_public": False,
    }
