"""Settings come from the environment by their documented names; wrong ones are refused in a sentence without values."""

import os
from pathlib import Path

import pytest

from kit.config import Environment, Settings, child_environment, load_settings
from kit.errors import Misconfigured

PRODUCTION = {
    "RUNWAY_ENV": "production",
    "RUNWAY_PUBLIC_URL": "https://runway.example.com",
    "RUNWAY_ENCRYPTION_KEYS": "k:secret-key",
    "DATABASE_URL": "postgresql://db.example.com/runway",
    "REDIS_URL": "rediss://redis.example.com",
    "SLACK_SIGNING_SECRET": "secret-signing",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "secret-client",
    "QBO_CLIENT_ID": "AB",
    "QBO_CLIENT_SECRET": "secret-qbo",
    "QBO_WEBHOOK_VERIFIER_TOKEN": "secret-verifier",
}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a .env of the project nor variables of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("RUNWAY_", "SLACK_", "QBO_", "DATABASE_", "REDIS_")):
            monkeypatch.delenv(name)


def production(**changes: str) -> Settings:
    return load_settings(PRODUCTION | changes)


def test_an_empty_environment_is_a_local_one_without_secrets() -> None:
    settings = load_settings()
    assert settings.env is Environment.LOCAL
    assert settings.slack_signing_secret is None
    assert (settings.port, settings.worker_threads) == (8000, 8)


def test_the_environment_is_read_by_its_documented_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (PRODUCTION | {"RUNWAY_PORT": "9000"}).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.env is Environment.PRODUCTION
    assert settings.port == 9000
    assert settings.slack_signing_secret is not None
    assert settings.slack_signing_secret.get_secret_value() == "secret-signing"


def test_what_was_decided_stands_above_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWAY_PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///mine")
    settings = load_settings({"RUNWAY_PORT": "9100", "DATABASE_URL": "postgresql:///theirs"})
    assert (settings.port, settings.database_url) == (9100, "postgresql:///theirs")


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    assert load_settings().slack_app_token is None


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"RUNWAY_ENV", "RUNWAY_PUBLIC_URL"}))
def test_production_names_what_is_missing(name: str) -> None:
    rest = {key: value for key, value in PRODUCTION.items() if key != name}
    with pytest.raises(Misconfigured, match=f"production needs {name}$"):
        load_settings(rest)


@pytest.mark.parametrize(
    "name",
    [
        "RUNWAY_PUBLIC_URL",
        "SLACK_API_URL",
        "SLACK_AUTHORIZE_URL",
        "QBO_API_URL",
        "QBO_AUTHORIZE_URL",
        "QBO_TOKEN_URL",
        "QBO_REVOKE_URL",
    ],
)
def test_production_speaks_https_alone(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name} must be https"):
        production(**{name: "http://127.0.0.1:8100"})
    assert load_settings({name: "http://127.0.0.1:8100"}).env is Environment.LOCAL


def test_production_lives_in_real_time() -> None:
    with pytest.raises(Misconfigured, match="RUNWAY_NOW is for demos"):
        production(RUNWAY_NOW="2026-11-27")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RUNWAY_PORT", "secret"),
        ("RUNWAY_PORT", "70000"),
        ("RUNWAY_WORKER_THREADS", "0"),
        ("RUNWAY_ENV", "secret"),
        ("RUNWAY_LOG_FORMAT", "secret"),
        ("RUNWAY_LOG_LEVEL", "secret"),
        ("RUNWAY_NOW", "yesterday-secret"),
        ("RUNWAY_NOW", "2026-11-27T09:00"),
        ("QBO_ENVIRONMENT", "secret"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name) as refusal:
        load_settings({name: value})
    assert "secret" not in str(refusal.value).replace("SECRET", "")


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(Misconfigured, match=r"RUNWAY_WORKER_THREADS.*RUNWAY_PORT"):
        load_settings({"RUNWAY_PORT": "x", "RUNWAY_WORKER_THREADS": "x"})


@pytest.mark.parametrize("now", ["2026-11-27", "2026-11-27T09:00:00-05:00"])
def test_a_demo_may_live_on_a_chosen_day(now: str) -> None:
    assert load_settings({"RUNWAY_NOW": now}).now == now


def test_quickbooks_is_reached_where_the_environment_says() -> None:
    assert load_settings().qbo_api == "https://quickbooks.api.intuit.com"
    assert load_settings({"QBO_ENVIRONMENT": "sandbox"}).qbo_api == "https://sandbox-quickbooks.api.intuit.com"
    assert load_settings({"QBO_ENVIRONMENT": "sandbox"}).qbo_app == "https://app.sandbox.qbo.intuit.com"
    stand_in = load_settings({"QBO_API_URL": "http://127.0.0.1:8101/"})
    assert stand_in.qbo_api == stand_in.qbo_app == "http://127.0.0.1:8101"


def test_the_way_back_to_slack_names_what_is_known() -> None:
    settings = load_settings()
    assert settings.slack_app_link(app_id="A1", team_id="T1") == "https://slack.com/app_redirect?app=A1&team=T1"
    assert settings.slack_app_link(app_id="", team_id="T1") == "https://slack.com/app_redirect?team=T1"


def test_lists_are_written_with_commas() -> None:
    settings = load_settings(
        {"SLACK_RESPONSE_URL_HOSTS": " a.com , b.com:8100,", "QBO_WEBHOOK_VERIFIER_TOKEN": "x, y,"}
    )
    assert settings.response_url_hosts == {"a.com", "b.com:8100"}
    assert settings.verifier_tokens == ("x", "y")
    assert load_settings().verifier_tokens == ()


def test_no_secret_shows_when_settings_are_printed() -> None:
    assert "secret-" not in repr(production())


def test_a_child_inherits_what_its_parent_did_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWAY_PORT", "1")
    monkeypatch.setenv("RUNWAY_HOME", "/h")
    child = child_environment({"RUNWAY_PORT": "2"})
    assert (child["RUNWAY_PORT"], child["RUNWAY_HOME"]) == ("2", "/h")


def test_a_stand_in_of_a_local_slack_may_answer_where_its_api_is() -> None:
    stand_in = {"SLACK_API_URL": "http://127.0.0.1:9000/api/"}
    assert "127.0.0.1:9000" in load_settings(stand_in).response_url_hosts
    there = production(SLACK_API_URL="https://slack.example.com/api/")
    assert there.response_url_hosts == load_settings().response_url_hosts == {"hooks.slack.com", "hooks.slack-gov.com"}
