"""Settings: read once, typed, refused with a sentence that names them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bridge.errors import WrongSettings
from bridge.settings import load

GOOD = {"SECRET_KEY": "x" * 40, "ENCRYPTION_KEYS": Fernet.generate_key().decode()}


def test_two_secrets_are_all_that_is_needed() -> None:
    settings = load(GOOD)
    assert settings.database_url == "sqlite:///data/storebridge.db"
    assert settings.embedded_broker
    assert settings.rate_limit_store == settings.broker_url == "redis://127.0.0.1:6390/0"
    assert (settings.model_name, settings.settle_seconds, settings.public_url) == ("", 120, "http://127.0.0.1:8700")
    assert not settings.secure_cookies


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "short", "32 random characters"),
        ("SECRET_KEY", "", "32 random characters"),
        ("SECRET_KEY", " " * 40, "32 random characters"),
        ("ENCRYPTION_KEYS", "", "at least one Fernet key"),
        ("ENCRYPTION_KEYS", "not-a-key", "not a Fernet key"),
        ("DATABASE_URL", "mysql://x", "sqlite:/// or postgresql://"),
        ("BROKER_URL", "kafka://x", "redis://"),
        ("RATE_LIMIT_STORE", "memory", "must be sql"),
        ("PUBLIC_URL", "shop.example", "http(s) address"),
        ("SHOPIFY_URL", "https://shopify.example", "{shop}"),
        ("PUBLIC_URL", "http://[", "http(s) address"),
        ("MODEL_URL", "ftp://x", "http(s) address"),
        ("WEB_PORT", "eighty", ""),
        ("WEB_PORT", "70000", ""),
        ("WEB_PROCESSES", "0", ""),
        ("SETTLE_SECONDS", "-1", ""),
        ("MAX_DELIVERY_BYTES", "1", ""),
        ("DEVELOPMENT", "perhaps", ""),
        ("LOG_FORMAT", "xml", ""),
        ("LOG_LEVEL", "LOUD", ""),
        ("LEASE_SECONDS", "60", "longer than JOB_SECONDS"),
    ],
)
def test_a_wrong_value_stops_the_process_with_a_sentence_that_names_it(name: str, value: str, says: str) -> None:
    with pytest.raises(WrongSettings) as told:
        load({**GOOD, name: value})
    assert name in str(told.value) and says in str(told.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(WrongSettings) as told:
        load({**GOOD, "WEB_PORT": "x", "LOG_LEVEL": "x"})
    assert "WEB_PORT" in str(told.value) and "LOG_LEVEL" in str(told.value)


def test_secrets_may_lie_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("y" * 40 + "\n")
    given = {"ENCRYPTION_KEYS": GOOD["ENCRYPTION_KEYS"], "SECRET_KEY_FILE": str(tmp_path / "key")}
    assert load(given).secret_key == "y" * 40
    with pytest.raises(WrongSettings, match="SECRET_KEY_FILE"):
        load({**given, "SECRET_KEY_FILE": str(tmp_path / "missing")})


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_holds_no_secret_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(WrongSettings, match="MODEL_KEY_FILE names a file"):
        load({**GOOD, "MODEL_KEY_FILE": str(tmp_path / "secret")})


def test_without_redis_the_rate_limits_live_in_the_database() -> None:
    assert load({**GOOD, "BROKER_URL": "amqp://localhost"}).rate_limit_store == "sql"


def test_the_public_address_follows_the_port_and_decides_about_cookies() -> None:
    assert load({**GOOD, "WEB_PORT": "9000"}).public_url == "http://127.0.0.1:9000"
    public = load({**GOOD, "PUBLIC_URL": "https://bridge.example/"})
    assert (public.public_url, public.secure_cookies) == ("https://bridge.example", True)


def test_several_threads_read_settings_while_the_environment_changes() -> None:
    def read(number: int) -> str:
        os.environ[f"STOREBRIDGE_TEST_{number}"] = "x"
        found = load({**GOOD, "WEB_PORT": str(9000 + number)}).public_url
        del os.environ[f"STOREBRIDGE_TEST_{number}"]
        return found

    before = dict(os.environ)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(40))) == [f"http://127.0.0.1:{9000 + number}" for number in range(40)]
    assert dict(os.environ) == before
