"""Every setting, typed, read once from the environment; NAME_FILE names a file that holds the value of a secret.

A wrong value stops the process with a sentence that names the setting and what is allowed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from environs import Env, EnvError
from marshmallow import ValidationError, validate

from bridge.errors import WrongSettings


@dataclass(frozen=True)
class Settings:
    """What the environment says. Names are the environment variables in lower case."""

    database_url: str
    broker_url: str
    embedded_broker: bool  # `up` starts a Valkey of its own at broker_url
    rate_limit_store: str  # redis://… or "sql"; never switched while running
    secret_key: str  # signs the page's sessions
    encryption_keys: tuple[str, ...]  # Fernet keys, newest first; encrypt deliveries and credentials
    public_url: str  # where platforms and people reach us
    data_dir: str  # where `up` keeps the embedded database and broker

    web_host: str
    web_port: int
    web_processes: int
    web_threads: int
    secure_cookies: bool
    trusted_proxies: int

    max_delivery_bytes: int
    settle_seconds: float
    flood_creates_per_hour: int
    think_threads: int
    write_threads: int
    calls_in_flight_per_shop: int
    job_seconds: float  # one deadline for everything a step does
    lease_seconds: float
    deliveries_kept_days: int
    erase_shop_after_hours: float  # what we hold of a shop that removed the app
    reconcile_hours: float  # between two looks for changes that no webhook told; 0 = never
    compare_days: float  # between two comparisons of all ids, which find missed deletions

    shopify_client_id: str
    shopify_client_secret: str
    shopify_client_secret_previous: str
    shopify_url: str  # "https://{shop}"; simulators put {shop} into the path

    model_url: str
    model_key: str
    model_name: str  # empty: the template writer
    model_seconds: float

    smtp_url: str  # smtp://user:password@host:587 or smtps://…; empty: no mail
    mail_from: str
    digest_hour: int  # UTC

    log_format: str
    log_level: str
    development: bool

    def secrets(self, platform: str) -> tuple[str, ...]:
        """App-wide secrets a platform signs with, current first."""
        if platform == "shopify":
            return tuple(s for s in (self.shopify_client_secret, self.shopify_client_secret_previous) if s)
        return ()


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read all settings. Raises WrongSettings with one sentence per mistake."""
    values = _with_files(dict(os.environ if environ is None else environ))
    env = _Reader(values)
    settings = Settings(
        database_url=env.text("DATABASE_URL", f"sqlite:///{values.get('DATA_DIR', 'data')}/storebridge.db", _database),
        broker_url=env.text("BROKER_URL", "redis://127.0.0.1:6390/0", _broker),
        embedded_broker=env.flag("EMBEDDED_BROKER", "BROKER_URL" not in values),
        rate_limit_store=env.text("RATE_LIMIT_STORE", "", _store) or _default_store(values),
        secret_key=env.text("SECRET_KEY", "", _long_enough),
        encryption_keys=tuple(env.list("ENCRYPTION_KEYS", _fernet)),
        public_url=env.text("PUBLIC_URL", f"http://127.0.0.1:{values.get('WEB_PORT', 8700)}", _url).rstrip("/"),
        data_dir=env.text("DATA_DIR", "data"),
        web_host=env.text("WEB_HOST", "127.0.0.1"),
        web_port=env.number("WEB_PORT", 8700, 0, 65535),
        web_processes=env.number("WEB_PROCESSES", 2, 1, 64),
        web_threads=env.number("WEB_THREADS", 16, 1, 256),
        secure_cookies=env.flag("SECURE_COOKIES", values.get("PUBLIC_URL", "").startswith("https")),
        trusted_proxies=env.number("TRUSTED_PROXIES", 0, 0, 10),
        max_delivery_bytes=env.number("MAX_DELIVERY_BYTES", 5_000_000, 10_000, 100_000_000),
        settle_seconds=env.decimal("SETTLE_SECONDS", 120, 0, 86_400),
        flood_creates_per_hour=env.number("FLOOD_CREATES_PER_HOUR", 50, 1, 1_000_000),
        think_threads=env.number("THINK_THREADS", 8, 1, 256),
        write_threads=env.number("WRITE_THREADS", 8, 1, 256),
        calls_in_flight_per_shop=env.number("CALLS_IN_FLIGHT_PER_SHOP", 6, 1, 100),
        job_seconds=env.decimal("JOB_SECONDS", 120, 5, 240),
        lease_seconds=env.decimal("LEASE_SECONDS", 150, 1, 600),
        deliveries_kept_days=env.number("DELIVERIES_KEPT_DAYS", 14, 1, 365),
        erase_shop_after_hours=env.decimal("ERASE_SHOP_AFTER_HOURS", 48, 0, 720),
        reconcile_hours=env.decimal("RECONCILE_HOURS", 24, 0, 720),
        compare_days=env.decimal("COMPARE_DAYS", 7, 0.001, 365),
        shopify_client_id=env.text("SHOPIFY_CLIENT_ID", ""),
        shopify_client_secret=env.text("SHOPIFY_CLIENT_SECRET", ""),
        shopify_client_secret_previous=env.text("SHOPIFY_CLIENT_SECRET_PREVIOUS", ""),
        shopify_url=env.text("SHOPIFY_URL", "https://{shop}", _shop_url),
        model_url=env.text("MODEL_URL", "", _optional_url),
        model_key=env.text("MODEL_KEY", ""),
        model_name=env.text("MODEL_NAME", ""),
        model_seconds=env.decimal("MODEL_SECONDS", 60, 1, 200),
        smtp_url=env.text("SMTP_URL", "", _mail_server),
        mail_from=env.text("MAIL_FROM", "storebridge@localhost", _mail_address),
        digest_hour=env.number("DIGEST_HOUR", 5, 0, 23),
        log_format=env.text("LOG_FORMAT", "text", validate.OneOf(["text", "json"])),
        log_level=env.text("LOG_LEVEL", "INFO", validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])),
        development=env.flag("DEVELOPMENT", False),
    )
    if settings.lease_seconds <= settings.job_seconds and not settings.development:
        env.mistakes.append("LEASE_SECONDS must be longer than JOB_SECONDS: a lease must outlive the work it covers.")
    if env.mistakes:
        raise WrongSettings(" ".join(env.mistakes))
    return settings


class _Given(Env):
    """Reads from the given values only: threads may read settings while others change the process environment."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__()
        self.values = values

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self.values.get(env_key, default)


class _Reader:
    """Reads one variable at a time and collects the mistakes, so that all are told at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.env = _Given(values)
        self.mistakes: list[str] = []

    def _read(self, kind: str, name: str, default: Any, rule: Callable[[Any], Any] | None) -> Any:
        try:
            value = getattr(self.env, kind)(name, default)
            if rule:  # environs checks no defaults, and an empty secret is the likeliest mistake of all
                rule(value)
            return value
        except (EnvError, ValidationError) as error:
            sentence = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            self.mistakes.append(f"{name} {sentence}")
            return default

    def text(self, name: str, default: str, rule: Callable[[Any], Any] | None = None) -> str:
        return str(self._read("str", name, default, rule)).strip()

    def list(self, name: str, rule: Callable[[Any], Any]) -> list[str]:
        return [str(item).strip() for item in self._read("list", name, [], rule)]

    def flag(self, name: str, default: bool) -> bool:
        return bool(self._read("bool", name, default, None))

    def number(self, name: str, default: int, least: int, most: int) -> int:
        return int(self._read("int", name, default, validate.Range(least, most)))

    def decimal(self, name: str, default: float, least: float, most: float) -> float:
        return float(self._read("float", name, default, validate.Range(least, most)))


def _with_files(values: dict[str, str]) -> dict[str, str]:
    for name, path in list(values.items()):
        target = name.removesuffix("_FILE")
        if target == name or target not in _FROM_FILE or target in values:
            continue
        try:
            values[target] = Path(path).read_text().strip()
        except OSError as error:
            raise WrongSettings(f"{name} names a file that cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise WrongSettings(f"{name} names a file that does not hold text.") from error
    return values


_FROM_FILE = {
    "DATABASE_URL", "BROKER_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "SHOPIFY_CLIENT_SECRET",
    "SHOPIFY_CLIENT_SECRET_PREVIOUS", "MODEL_KEY", "SMTP_URL",
}  # fmt: skip


def _default_store(values: Mapping[str, str]) -> str:
    broker = values.get("BROKER_URL", "redis://127.0.0.1:6390/0")
    return broker if broker.startswith(("redis://", "rediss://")) else "sql"


def _must(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValidationError(sentence)


def _database(value: str) -> None:
    _must(value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")),
          "must start with sqlite:/// or postgresql://.")  # fmt: skip


def _broker(value: str) -> None:
    _must(value.startswith(("redis://", "rediss://", "amqp://", "amqps://")),
          "must start with redis://, rediss://, amqp:// or amqps://.")  # fmt: skip


def _store(value: str) -> None:
    _must(not value or value == "sql" or value.startswith(("redis://", "rediss://")),
          "must be sql or start with redis:// or rediss://.")  # fmt: skip


def _url(value: str) -> None:
    try:
        parts = urlsplit(value)
    except ValueError as error:  # "http://["
        raise ValidationError("must be an http(s) address.") from error
    _must(parts.scheme in ("http", "https") and bool(parts.netloc), "must be an http(s) address.")


def _optional_url(value: str) -> None:
    if value:
        _url(value)


def _mail_server(value: str) -> None:
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number
        known = False
    _must(not value or known, "must look like smtp://user:password@host:587 or smtps://host:465.")


def _mail_address(value: str) -> None:
    _must("@" in value and not any(letter.isspace() for letter in value), "must be an e-mail address.")


def _shop_url(value: str) -> None:
    _url(value)
    _must("{shop}" in value, "must contain {shop}, the place of the shop domain.")


def _long_enough(value: str) -> None:
    _must(len(value.strip()) >= 32, "must be set to at least 32 random characters.")


def _fernet(value: list[str]) -> None:
    _must(bool(value), "must hold at least one Fernet key, newest first (storebridge doctor --new-key prints one).")
    for key in value:
        try:
            Fernet(key.strip())
        except ValueError as error:
            raise ValidationError("holds something that is not a Fernet key (32 bytes, base64).") from error
