"""The project keeps its own rules, and each rule is seen to bite."""

import pytest

from tests.architecture.rules import LONGEST_FILE, LONGEST_FUNCTION, PYTHON_RULES, REGISTRIES, TEXT_RULES, Rule
from tests.architecture.sources import Source, python_files, text_files

pytestmark = pytest.mark.unmeasured

RULES = PYTHON_RULES | TEXT_RULES
REGISTRY = ".".join(REGISTRIES[0])
# name of the rule, file, text that breaks it once
PLANTED = [
    ("environment", "workers/main.py", "import os\nos.environ['X']"),
    ("environment", "cli/demo.py", "from os import environ"),
    ("environment", "bot/app.py", "import os as system\nsystem.getenv('X')"),
    ("slack_clients", "bot/app.py", "from slack_sdk.web.async_client import AsyncWebClient"),
    ("slack_clients", "domains/people.py", "import slack_sdk\nslack_sdk.WebClient('t')"),
    ("slack_clients", "bot/replies.py", "from slack_sdk import WebClient"),
    ("commits", "orchestrators/tray.py", "async def f(session):\n    await session.commit()"),
    ("commits", "domains/bills.py", "def f(session):\n    session.connection().rollback()"),
    ("engines", "workers/main.py", "from sqlalchemy.ext.asyncio import create_async_engine as make\nmake('x')"),
    ("engines", "domains/bills.py", "import asyncpg\nasyncpg.connect('x')"),
    ("clients", "domains/qbo/client.py", "import httpx\nhttpx.AsyncClient()"),
    ("clients", "bot/http.py", "from httpx import get\nget('https://example.com')"),
    ("pickle", "kit/jobs.py", "import pickle"),
    ("pickle", "sandbox/qbo/config.py", "from shelve import open"),
    ("naive_times", "sandbox/qbo/config.py", "from datetime import datetime\ndatetime.now()"),
    ("naive_times", "tests/factories.py", "import datetime as dt\ndt.datetime.utcnow()"),
    ("naive_times", "kit/clock.py", "from datetime import datetime\ndatetime.fromtimestamp(0)"),
    ("wall_clock", "domains/bills.py", "from datetime import UTC, datetime\ndatetime.now(UTC)"),
    ("wall_clock", "orchestrators/tray.py", "from datetime import date\ndate.today()"),
    ("wall_clock", "kit/limits.py", "import time\ntime.time()"),
    ("broad_handlers", "kit/http.py", "try:\n    f()\nexcept Exception:\n    pass"),
    ("broad_handlers", "domains/bills.py", "try:\n    f()\nexcept:\n    g()"),
    ("broad_handlers", "bot/http.py", "try:\n    f()\nexcept (ValueError, BaseException) as e:\n    raise X from e"),
    ("broad_handlers", "bot/http.py", "import contextlib\nwith contextlib.suppress(Exception):\n    f()"),
    ("delayed_messages", "workers/relay.py", "work.send_with_options(args=(1,), delay=10)"),
    ("delayed_messages", "workers/relay.py", "work.send_with_options(**options)"),
    ("long_functions", "kit/db.py", "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION),
    ("long_functions", "tests/conftest.py", "async def f():\n" + "    x = 1\n" * LONGEST_FUNCTION),
    ("nameless_modules", "bot/utils.py", "x = 1"),
    ("nameless_modules", "domains/qbo_helpers.py", "x = 1"),
    ("nameless_modules", "kit/common/money.py", "x = 1"),
    ("undocumented_modules", "kit/db.py", "x = 1"),
    ("hollow_tests", "tests/unit/test_x.py", "def test_it():\n    f()"),
    ("hollow_tests", "tests/unit/test_x.py", "async def test_it():\n    assert True"),
    ("long_files", "docs/scale.md", "line\n" * (LONGEST_FILE + 1)),
    ("registries", "README.md", f"pip install -i https://{REGISTRY}/simple"),
    ("registries", "Makefile", "pip install --extra-index" + "-url https://example.com/simple"),
    ("machine_paths", "docs/operations.md", "cd /" + "root/runway"),
    ("machine_paths", "Makefile", "X=/" + "home/maya/runway"),
]
# the same, where the rule must stay silent
INNOCENT = [
    ("environment", "kit/config.py", "import os\nos.environ['X']"),
    ("environment", "bot/app.py", "import os\nos.getpid()"),
    ("environment", "bot/app.py", "class settings:\n    environ = 1\nsettings.environ"),
    ("slack_clients", "bot/messenger/__init__.py", "from slack_sdk.web.async_client import AsyncWebClient"),
    ("slack_clients", "bot/replies.py", "from slack_sdk.errors import SlackApiError"),
    ("commits", "kit/db.py", "async def f(session):\n    await session.commit()"),
    ("engines", "domains/bills.py", "from sqlalchemy.ext.asyncio import AsyncSession\ndef f(s: AsyncSession): ..."),
    ("clients", "domains/qbo/client.py", "import httpx\ndef f(client: httpx.AsyncClient): ..."),
    ("clients", "domains/bills.py", "def f(cache):\n    cache.get('x')"),
    ("naive_times", "domains/bills.py", "from datetime import UTC, datetime\ndatetime.now(tz=UTC)"),
    ("wall_clock", "tests/conftest.py", "from datetime import UTC, datetime\ndatetime.now(UTC)"),
    ("wall_clock", "domains/bills.py", "def f(clock):\n    clock.now()"),
    ("broad_handlers", "kit/http.py", "try:\n    f()\nexcept ValueError:\n    pass"),
    ("broad_handlers", "kit/http.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
    ("delayed_messages", "workers/relay.py", "work.send_with_options(args=(1,))"),
    ("long_functions", "kit/db.py", "def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION - 1)),
    ("long_functions", "migrations/versions/0001_x.py", "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION),
    ("long_functions", "tests/test_x.py", "def test_f():\n" + "    x = 1\n" * LONGEST_FUNCTION),
    ("nameless_modules", "kit/money.py", "x = 1"),
    ("undocumented_modules", "kit/__init__.py", ""),
    ("hollow_tests", "tests/unit/test_x.py", "def test_it():\n    assert f() == 1"),
    ("hollow_tests", "tests/unit/test_x.py", "def test_it():\n    with pytest.raises(ValueError):\n        f()"),
    ("hollow_tests", "tests/unit/test_x.py", "def prepared():\n    f()"),
    ("long_files", "requirements.lock", "line\n" * (LONGEST_FILE + 1)),
    ("registries", "README.md", "make test"),
    ("registries", "Makefile", "uv pip compile --generate-hashes --no-annotate"),
    ("machine_paths", "README.md", "https://example.com/work/ and ./work/ and tests/root/x"),
]


@pytest.mark.parametrize("rule", PYTHON_RULES.values(), ids=PYTHON_RULES.keys())
def test_the_code_keeps_the_rule(rule: Rule) -> None:
    broken = [line for source in python_files() for line in rule.broken_by(source)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("rule", TEXT_RULES.values(), ids=TEXT_RULES.keys())
def test_every_file_keeps_the_rule(rule: Rule) -> None:
    broken = [line for source in text_files() for line in rule.broken_by(source)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(("name", "path", "text"), PLANTED)
def test_a_planted_violation_is_reported(name: str, path: str, text: str) -> None:
    reported = RULES[name].broken_by(Source(path, text))
    assert len(reported) == 1
    assert reported[0].startswith(f"{path}:")
    assert reported[0].endswith(RULES[name].says)


@pytest.mark.parametrize(("name", "path", "text"), INNOCENT)
def test_what_is_allowed_is_not_reported(name: str, path: str, text: str) -> None:
    assert RULES[name].broken_by(Source(path, text)) == []


def test_every_rule_is_seen_to_bite_and_to_stay_silent() -> None:
    assert {name for name, _, _ in PLANTED} == RULES.keys()
    assert {name for name, _, _ in INNOCENT} >= RULES.keys() - {"pickle"}


def test_the_rules_see_the_whole_project() -> None:
    seen = {source.path for source in python_files()}
    assert {"kit/db.py", "tests/architecture/rules.py", "runway.py"} <= seen
    assert {"Makefile", "pyproject.toml", ".ci/run"} <= {source.path for source in text_files()}


def test_files_that_are_allowed_something_exist() -> None:
    """An exception for a file that is gone would wait for the next one of that name."""
    paths = {source.path for source in text_files()}
    folders = {parent for path in paths for parent in path.split("/")[:-1]}
    for rule in RULES.values():
        for allowed in rule.allowed:
            assert allowed in paths or allowed.split("/")[-1] in folders, allowed
