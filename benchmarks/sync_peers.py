"""The peers as contenders, each in a process of its own: python-quickbooks into objects, singer's tap into a file."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

PAGE = 1000
STREAMS = {"bills": ("vendors", "accounts", "bills", "bill_payments")}
TAP = """
import sys, tap_quickbooks.client as client
base = sys.argv.pop(1)
client.PROD_ENDPOINT_BASE = client.SANDBOX_ENDPOINT_BASE = base
client.TOKEN_REFRESH_URL = base + "/oauth2/v1/tokens/bearer"
import tap_quickbooks
tap_quickbooks.main()
"""


def python_quickbooks(facts: dict[str, str]) -> dict[str, float]:
    """Objects in memory and nothing stored: less work than ours."""
    from intuitlib.client import AuthClient
    from quickbooks import QuickBooks
    from quickbooks.objects import Account, Bill, BillPayment, Vendor

    QuickBooks.api_url_v3 = QuickBooks.sandbox_api_url_v3 = facts["url"] + "/v3"
    discovery = facts["url"] + "/.well-known/openid_configuration"
    auth = AuthClient("sandbox-client", "sandbox-secret", "http://127.0.0.1/", discovery, access_token=facts["token"])
    client = QuickBooks(auth_client=auth, refresh_token=facts["refresh"], company_id=facts["realm"])
    started, rows = perf_counter(), 0
    for kind in (Bill, BillPayment, Vendor, Account):
        rows += _read(kind, client)
    seconds = perf_counter() - started
    return {"rows": rows, "seconds": seconds, "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _read(kind: Any, client: Any) -> int:
    found: list[Any] = []
    while True:
        page = kind.all(start_position=len(found) + 1, max_results=PAGE, qb=client)
        found += page
        if len(page) < PAGE:
            return len(found)


def tap_quickbooks(facts: dict[str, str]) -> dict[str, float]:
    """Singer's tap 2.5.0, writing its messages to a file. `tap` is the Python of a venv that has it."""
    home = Path(facts["home"])
    config = {
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "refresh_token": facts["refresh"],
        "realm_id": facts["realm"],
        "start_date": "2010-01-01T00:00:00Z",
        "user_agent": "bench",
        "sandbox": "true",
    }
    (home / "config.json").write_text(json.dumps(config))
    command = [facts["tap"], "-c", TAP, facts["url"], "--config", str(home / "config.json")]
    environment = {**os.environ, "OAUTHLIB_INSECURE_TRANSPORT": "1"}
    found = subprocess.run([*command, "--discover"], check=True, capture_output=True, env=environment)
    catalog = json.loads(found.stdout)
    for stream in catalog["streams"]:
        _select(stream)
    (home / "catalog.json").write_text(json.dumps(catalog))
    started = perf_counter()
    with (home / "messages.jsonl").open("wb") as out, (home / "tap.log").open("wb") as log:
        every = [*command, "--catalog", str(home / "catalog.json")]
        subprocess.run(every, check=True, stdout=out, stderr=log, env=environment)
    seconds = perf_counter() - started
    with (home / "messages.jsonl").open() as lines:
        rows = sum('"type": "RECORD"' in line[:40] or '"type":"RECORD"' in line[:40] for line in lines)
    rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"rows": rows, "seconds": seconds, "rss_mib": rss}


def _select(stream: dict[str, Any]) -> None:
    for entry in stream["metadata"]:
        if not entry["breadcrumb"]:
            entry["metadata"]["selected"] = stream["tap_stream_id"] in STREAMS["bills"]


if __name__ == "__main__":
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    contender = {"python-quickbooks": python_quickbooks, "tap-quickbooks": tap_quickbooks}[sys.argv[1]]
    print(json.dumps(contender(json.loads(os.environ["FACTS"]))))
