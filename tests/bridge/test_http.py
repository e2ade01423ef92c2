"""One way to send: bounded in time and size, and honest about what became of a request."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
import responses
from structlog.testing import capture_logs

from bridge import http
from bridge.deadline import Deadline
from bridge.errors import TryLater, Unclear

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[socket.socket], None]


@contextmanager
def server(*answers: Answer) -> Iterator[tuple[str, list[bytes]]]:
    """A server that treats each connection as told (the last way for all that follow), and what it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []
    todo = list(answers)

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            answer = todo.pop(0) if len(todo) > 1 else todo[0]
            threading.Thread(target=serve, args=(connection, answer), daemon=True).start()

    def serve(connection: socket.socket, answer: Answer) -> None:
        with connection:
            seen.append(connection.recv(65536))
            try:
                answer(connection)
            except OSError:
                return

    threading.Thread(target=run, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/x", seen
    listener.close()


def ok(connection: socket.socket) -> None:
    connection.sendall(OK)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(connection: socket.socket) -> None:
    time.sleep(3)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def cut(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 1_000_000)


def send(url: str, repeatable: bool, seconds: float = 0.6, **more: object) -> requests.Response:
    return http.send(http.session(2), "POST", url, deadline=Deadline(seconds), repeatable=repeatable, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [reset, silent, drip, cut])
def test_a_write_that_may_have_arrived_is_unclear_and_sent_once(answer: Answer) -> None:
    with server(answer) as (url, seen), pytest.raises(Unclear):
        send(url, repeatable=False)
    assert len(seen) == 1


def test_a_flood_of_bytes_is_cut_off() -> None:
    with server(flood) as (url, _), pytest.raises(Unclear):
        send(url, repeatable=False, seconds=20)


def test_bytes_that_drip_do_not_outlast_the_deadline() -> None:
    with server(drip) as (url, _):
        began = time.monotonic()
        with pytest.raises(Unclear):
            send(url, repeatable=False, seconds=0.6)
        assert time.monotonic() - began < 10  # the whole body would take fifty seconds


@pytest.mark.parametrize("answer", [reset, cut])
def test_a_read_is_repeated_until_it_succeeds(answer: Answer) -> None:
    with server(answer, ok) as (url, seen):
        assert send(url, repeatable=True, seconds=10).text == "ok"
    assert len(seen) == 2


def test_a_read_that_never_succeeds_is_for_later() -> None:
    with server(reset) as (url, seen), pytest.raises(TryLater) as told:
        send(url, repeatable=True, seconds=10)
    assert not isinstance(told.value, Unclear)
    assert len(seen) == 3


def test_a_write_that_never_left_is_for_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "http://no-such-host.invalid/"):
        with pytest.raises(TryLater) as told:
            send(url, repeatable=False, seconds=5)
        assert not isinstance(told.value, Unclear)


def test_no_call_starts_without_time() -> None:
    with server(ok) as (url, seen), pytest.raises(TryLater):
        send(url, repeatable=True, seconds=0)
    assert seen == []


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    def away(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    with server(away) as (url, seen):
        assert send(url, repeatable=False).status_code == 302
    assert len(seen) == 1


def test_the_environment_neither_adds_a_proxy_nor_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    with server(ok) as (url, seen):
        assert send(url, repeatable=False).text == "ok"
    assert b"Authorization" not in seen[0]


def test_neither_token_nor_query_nor_body_is_logged() -> None:
    for answer in (ok, reset):
        with server(answer) as (url, _), capture_logs() as told:
            try:
                send(url + "?key=hush", repeatable=False, headers={"X-Token": "hush"}, json={"body": "hush"})
            except Unclear as error:
                assert "hush" not in str(error)
        assert told and "hush" not in str(told)


@responses.activate
@pytest.mark.parametrize("status", [200, 404, 429, 500, 503])
def test_every_status_is_the_callers_to_judge(status: int) -> None:
    responses.post("https://shop.example/api", json={"errors": "x"}, status=status)
    answer = send("https://shop.example/api", repeatable=True)
    assert (answer.status_code, answer.json()) == (status, {"errors": "x"})
    assert len(responses.calls) == 1
