"""A load generator: signed deliveries of 6 KB with unique ids over keep-alive connections, closed loop."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
import uuid
from dataclasses import asdict, dataclass

DOMAIN, VARIANTS, BODY_BYTES = "bench.myshopify.com", 50, 6_000


@dataclass(frozen=True)
class Load:
    """What came back: answers a second, milliseconds, and how many were no 200."""

    per_second: float
    p50: float
    p99: float
    answered: int
    refused: int


def bodies(secret: str, topic: str) -> list[bytes]:
    """The part of each request that does not change: signed headers and body, behind the id."""
    found = []
    for number in range(VARIANTS):
        body = json.dumps({"id": 1000 + number, "title": f"Bench {number}", "body_html": "x" * BODY_BYTES}).encode()
        signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        head = (
            f"Host: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-Shopify-Topic: {topic}\r\nX-Shopify-Shop-Domain: {DOMAIN}\r\n"
            f"X-Shopify-Hmac-Sha256: {signature}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


class _Connection(asyncio.Protocol):
    """One customer: sends, waits for the whole answer, sends again. Bare, so that the door is measured and not this."""

    def __init__(self, prepared: list[bytes], number: int, end: float) -> None:
        self.prepared, self.count, self.end = prepared, number, end
        self.times: list[float] = []
        self.refused = 0
        self.done = asyncio.get_running_loop().create_future()
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self.count += 1
        start = f"POST /hooks/shopify HTTP/1.1\r\nX-Shopify-Webhook-Id: {uuid.uuid4()}\r\n".encode()
        self._began = time.perf_counter()
        self._transport.write(start + self.prepared[self.count % VARIANTS])

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        now = time.perf_counter()
        self.times.append(now - self._began)
        self.refused += b" 200 " not in head[:15]
        self._answer = b""
        if now < self.end:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    place = head.lower().find(b"content-length:")
    return int(head[place + 15 :].split(b"\r\n", 1)[0])


async def fire(port: int, secret: str, connections: int, seconds: float, topic: str = "orders/paid") -> Load:
    """Send from every connection, one request after the other, until the time is over."""
    prepared, began = bodies(secret, topic), time.perf_counter()
    loop, made = asyncio.get_running_loop(), []
    for number in range(connections):
        each = _Connection(prepared, number, began + seconds)
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)  # type: ignore[misc]
        made.append(each)
    await asyncio.gather(*(each.done for each in made))
    took = time.perf_counter() - began
    ordered = sorted(took_one for each in made for took_one in each.times)
    place = [ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99)]
    return Load(len(ordered) / took, place[0], place[1], len(ordered), sum(each.refused for each in made))


def main() -> None:
    """``python -m tests.benchmarks.load '{"port": …, "secret": …, "connections": 32, "seconds": 5}'``."""
    print(json.dumps(asdict(asyncio.run(fire(**json.loads(sys.argv[1]))))))


if __name__ == "__main__":
    main()
