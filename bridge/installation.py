"""What an installation on one machine keeps: its own secrets, made once, readable by its user only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet

_FILE = "storebridge.env"


def environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment, completed by the secrets in DATA_DIR/storebridge.env where it does not set them itself."""
    given = dict(os.environ if environ is None else environ)
    return {**_read(_path(given)), **given}


def prepare(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """As ``environment``, and on the first run make the secrets that are still missing and keep them."""
    found = environment(environ)
    made = {}
    if not (found.get("SECRET_KEY") or found.get("SECRET_KEY_FILE")):
        made["SECRET_KEY"] = secrets.token_urlsafe(48)
    if not (found.get("ENCRYPTION_KEYS") or found.get("ENCRYPTION_KEYS_FILE")):
        made["ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
    if made:
        _keep(_path(found), made)
    return {**found, **made}


def _path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("DATA_DIR", "data"), _FILE)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _keep(path: Path, made: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as file:
        if file.tell() == 0:
            file.write("# Made on the first run. Whoever has the encryption keys can read the stored credentials.\n")
        file.writelines(f"{name}={value}\n" for name, value in made.items())
