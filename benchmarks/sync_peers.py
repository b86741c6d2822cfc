"""The peers as contenders, each in a process of its own: python-quickbooks into objects, singer's tap into a file.

`again` asks for what changed since, the way each of them offers it: change data capture, or the tap's own bookmarks.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

PAGE = 1000
# What each company of the stand-in has, by the names of python-quickbooks's classes and the tap's streams.
KINDS = {
    "Vendor": "vendors",
    "Account": "accounts",
    "Bill": "bills",
    "BillPayment": "bill_payments",
    "Customer": "customers",
    "Invoice": "invoices",
    "Payment": "payments",
    "Purchase": "purchases",
    "Deposit": "deposits",
    "Transfer": "transfers",
}
TAP = """
import sys, tap_quickbooks.client as client
base = sys.argv.pop(1)
client.PROD_ENDPOINT_BASE = client.SANDBOX_ENDPOINT_BASE = base
client.TOKEN_REFRESH_URL = base + "/oauth2/v1/tokens/bearer"
import tap_quickbooks
tap_quickbooks.main()
"""


def python_quickbooks(facts: dict[str, str], *, again: bool) -> dict[str, float]:
    """Objects in memory and nothing stored: less work than ours."""
    from intuitlib.client import AuthClient
    from quickbooks import QuickBooks, objects
    from quickbooks.cdc import change_data_capture

    QuickBooks.api_url_v3 = QuickBooks.sandbox_api_url_v3 = facts["url"] + "/v3"
    discovery = facts["url"] + "/.well-known/openid_configuration"
    auth = AuthClient("sandbox-client", "sandbox-secret", "http://127.0.0.1/", discovery, access_token=facts["token"])
    client = QuickBooks(auth_client=auth, refresh_token=facts["refresh"], company_id=facts["realm"])
    kinds = [getattr(objects, kind) for kind in KINDS]
    started, rows = perf_counter(), 0
    if again:
        change_data_capture(kinds, datetime.now(UTC) - timedelta(minutes=1), qb=client)
    else:
        rows = sum(_read(kind, client) for kind in kinds)
    seconds = perf_counter() - started
    return {"rows": rows, "seconds": seconds, "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _read(kind: Any, client: Any) -> int:
    found: list[Any] = []
    while True:
        page = kind.all(start_position=len(found) + 1, max_results=PAGE, qb=client)
        found += page
        if len(page) < PAGE:
            return len(found)


def tap_quickbooks(facts: dict[str, str], *, again: bool) -> dict[str, float]:
    """Singer's tap, writing its messages to a file. `tap` is the Python of a venv that has it."""
    home = Path(facts["home"])
    command = [facts["tap"], "-c", TAP, facts["url"], "--config", str(_config(home, facts))]
    environment = {**os.environ, "OAUTHLIB_INSECURE_TRANSPORT": "1"}
    if again:
        command += ["--state", str(home / "state.json")]
    else:
        found = subprocess.run([*command, "--discover"], check=True, capture_output=True, env=environment)
        (home / "catalog.json").write_text(json.dumps(_selected(json.loads(found.stdout))))
    started = perf_counter()
    with (home / "messages.jsonl").open("wb") as out, (home / "tap.log").open("wb") as log:
        every = [*command, "--catalog", str(home / "catalog.json")]
        subprocess.run(every, check=True, stdout=out, stderr=log, env=environment)
    seconds = perf_counter() - started
    rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"rows": _counted(home), "seconds": seconds, "rss_mib": rss}


def _config(home: Path, facts: dict[str, str]) -> Path:
    config = {
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "refresh_token": facts["refresh"],
        "realm_id": facts["realm"],
        "start_date": "2010-01-01T00:00:00Z",
        "user_agent": "bench",
        "sandbox": "true",
    }
    path = home / "config.json"
    path.write_text(json.dumps(config))
    return path


def _selected(catalog: dict[str, Any]) -> dict[str, Any]:
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in KINDS.values()
    return catalog


def _counted(home: Path) -> int:
    """The records among the messages; the last state among them is kept for the next time."""
    records = 0
    with (home / "messages.jsonl").open() as lines:
        for line in lines:
            records += _is(line, "RECORD")
            if _is(line, "STATE"):
                (home / "state.json").write_text(json.dumps(json.loads(line)["value"]))
    return records


def _is(line: str, kind: str) -> bool:
    return line.startswith((f'{{"type": "{kind}"', f'{{"type":"{kind}"'))


def main(words: Sequence[str]) -> dict[str, float]:
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    contender = {"python-quickbooks": python_quickbooks, "tap-quickbooks": tap_quickbooks}[words[0]]
    return contender(json.loads(os.environ["FACTS"]), again="again" in words)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
