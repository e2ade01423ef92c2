"""What every simulator is served by: a threaded HTTP/1.1 server on loopback that can also cut a connection."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LARGEST = 32 * 2**20
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """One request as it arrived; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Response:
    """One answer. ``cut`` closes the connection with a reset instead of answering."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


App = Callable[[Request], Response]


def answer(value: Any, status: int = 200, **headers: str) -> Response:
    """A value as a JSON response. Header names are given with underscores."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status, body, {"Content-Type": JSON, **named})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the ledger is the log."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding") or length > LARGEST:
            self.close_connection = True
            self._send(Response(413 if length else 411))
            return
        response = self._answer(self._read(length))
        if response.cut:
            self._cut()
        else:
            self._send(response)

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.app(request)
        except Exception:  # noqa: BLE001 - whatever it is, it is our bug: shown, and told apart from a planned failure
            sys.stderr.write(traceback.format_exc())
            return Response(500, traceback.format_exc().encode(), {"X-Simulator-Bug": "1"})

    def _read(self, length: int) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length) if length else b""
        return Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)

    def _send(self, response: Response) -> None:
        head = [f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('',))[0]}"]
        head += [f"{name}: {value}" for name, value in response.headers.items()]
        head.append(f"Content-Length: {len(response.body)}\r\n\r\n")
        self.wfile.write("\r\n".join(head).encode("latin-1") + (b"" if self.command == "HEAD" else response.body))

    def _cut(self) -> None:
        self.close_connection = True
        # Lingering for no time at all makes the close a reset: the client cannot mistake it for an empty answer.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], app: App) -> None:
        super().__init__(address, _Handler)
        self.app = app
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def hang_up(self) -> None:
        """Close kept-alive connections too, so that a stopped server is really gone."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; anything else is a bug of ours and is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError, ValueError)):
            super().handle_error(request, client_address)


class Running:
    """A server in a thread of its own."""

    def __init__(self, app: App, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), app)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and hang up."""
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join(5)
