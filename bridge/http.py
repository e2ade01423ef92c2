"""One pooled requests session per process, and the one way to send: bounded in time and size, honest about its fate.

``trust_env=False``: with REQUESTS_CA_BUNDLE set, ``Session.verify`` would silently be ignored; it is also faster.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from requests.adapters import HTTPAdapter
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from urllib3.exceptions import HTTPError, NewConnectionError

from bridge.deadline import Deadline
from bridge.errors import TryLater, Unclear

log = structlog.get_logger()

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0  # at most, also when the deadline is further away
MAX_BYTES = 20_000_000
_TRIES = 3
_CHUNK = 65_536


def session(pool: int) -> requests.Session:
    """A session whose pool serves ``pool`` threads. It follows no redirect, uses no proxy and retries nothing."""
    made = requests.Session()
    made.trust_env = False
    adapter = HTTPAdapter(pool_connections=64, pool_maxsize=pool, max_retries=0)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    deadline: Deadline,
    repeatable: bool,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    data: Any = None,
    auth: Any = None,
) -> requests.Response:
    """Send a request and read the whole answer, whatever its status.

    A repeatable request is tried up to three times within the deadline. Raises TryLater when it was never sent or may
    be repeated, Unclear when it may have been carried out and nobody knows.
    """
    given = {"headers": headers, "json": json, "data": data, "auth": auth}
    if not repeatable:
        return _once(session, method, url, deadline, given, repeatable)
    retrying = Retrying(
        retry=retry_if_exception_type(_Again),
        stop=stop_after_attempt(_TRIES),
        wait=wait_random_exponential(multiplier=0.2, max=2),
        reraise=True,
    )
    return retrying(_once, session, method, url, deadline, given, repeatable)


class _Again(TryLater):
    """The transport failed and the request may be repeated."""


def _once(
    session: requests.Session, method: str, url: str, deadline: Deadline, given: Mapping[str, Any], repeatable: bool
) -> requests.Response:
    deadline.check()
    host, began = urlsplit(url).hostname or "", time.monotonic()
    try:
        response = session.request(
            method,
            url,
            timeout=(min(CONNECT_SECONDS, deadline.left()), min(READ_SECONDS, deadline.left())),
            allow_redirects=False,
            stream=True,
            **given,
        )
        _read(response, deadline)
    except (requests.RequestException, HTTPError, OSError, _TooMuch) as error:
        # The exception's own words may hold the address with its query, so only its kind is told.
        log.info("http failed", method=method, host=host, error=type(error).__name__)
        raise _fate(error, host, repeatable) from error
    log.debug("http", method=method, host=host, status=response.status_code, ms=int((time.monotonic() - began) * 1000))
    return response


class _TooMuch(Exception):
    """More bytes or more time than an answer may take."""


def _read(response: requests.Response, deadline: Deadline) -> None:
    """Read the body in pieces, so that neither a flood nor a drip of bytes outlasts the limits."""
    pieces, size = [], 0
    try:
        # read1 gives what is there; iter_content would wait for a whole chunk, a byte at a time if need be.
        while piece := response.raw.read1(_CHUNK, decode_content=True):
            size += len(piece)
            if size > MAX_BYTES or deadline.left() <= 0:
                raise _TooMuch
            pieces.append(piece)
    finally:
        response.close()
    response._content = b"".join(pieces)


def _fate(error: BaseException, host: str, repeatable: bool) -> TryLater:
    if repeatable:
        return _Again(f"{host} could not be reached.", after=5)
    if _never_sent(error):
        return TryLater(f"{host} could not be reached.", after=5)
    return Unclear(f"{host} did not say what became of the request.", after=5)


def _never_sent(error: BaseException) -> bool:
    """True only when no connection came about: an unknown name, a port that refuses, a failed handshake."""
    if isinstance(error, (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError)):
        return True
    if isinstance(error, requests.exceptions.InvalidURL):
        return True
    causes = getattr(error, "args", ())
    reason = getattr(causes[0], "reason", None) if causes else None
    return isinstance(reason, NewConnectionError)
