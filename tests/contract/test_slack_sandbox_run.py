"""`python -m sandbox` runs both stand-ins, tells where they are, keeps their state, and stops when told."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.contract.slack_sandbox_stage import NO_TLS

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def running(tmp: Path, *words: str) -> AsyncIterator[dict[str, Any]]:
    ready = tmp / "ready.json"
    ready.unlink(missing_ok=True)
    options = ("--slack-port", "0", "--qbo-port", "0", "--ready-file", str(ready), *words)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "sandbox", *options, cwd=ROOT, stdout=pipe)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            while "for app" not in (await process.stdout.readline()).decode():
                assert process.returncode is None
        yield json.loads(ready.read_text())
    finally:
        process.terminate()
        async with asyncio.timeout(10):
            assert await process.wait() == 0


async def test_both_stand_ins_listen_and_resume_where_they_stopped(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state"), "--company", "brand-new")
    async with running(tmp_path, *state) as urls, httpx.AsyncClient(verify=NO_TLS) as http:
        installed = (await http.post(f"{urls['slack']}/_sandbox/installations", json={})).json()
        realm = (await http.get(f"{urls['qbo']}/_sandbox/state")).json()["companies"][0]["realm"]
        assert (await http.get(f"{urls['slack']}/")).status_code == 200
    async with running(tmp_path, *state) as urls, httpx.AsyncClient(verify=NO_TLS) as http:
        headers = {"Authorization": f"Bearer {installed['bot_token']}"}
        assert (await http.post(f"{urls['slack']}/api/auth.test", headers=headers)).json()["ok"]
        assert (await http.get(f"{urls['qbo']}/_sandbox/state")).json()["companies"][0]["realm"] == realm


async def test_an_open_page_does_not_keep_it_from_stopping(tmp_path: Path) -> None:
    async with httpx.AsyncClient(verify=NO_TLS) as http, running(tmp_path, "--company", "empty") as urls:
        stream = http.stream("GET", f"{urls['slack']}/_sandbox/stream")
        response = await stream.__aenter__()
        assert response.status_code == 200
