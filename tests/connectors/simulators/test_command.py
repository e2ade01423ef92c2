"""The simulators as processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import requests

from connectors.simulators import shopify


@pytest.mark.parametrize(("name", "path", "status"), [("shopify", "/_sim/shops", 200), ("openai", "/v1/models", 401)])
def test_a_simulator_says_where_it_listens_and_ends_when_told(name: str, path: str, status: int) -> None:
    command = [sys.executable, "-m", f"connectors.simulators.{name}", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert url.startswith("http://127.0.0.1:")
        assert requests.get(url + path, timeout=5).status_code == status
        process.terminate()
        assert process.wait(10) == 0


def test_a_stopped_simulator_is_gone() -> None:
    running = shopify.start()
    session = requests.Session()
    assert session.get(running.url + "/_sim/shops", timeout=5).json() == {"shops": []}
    running.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(running.url + "/_sim/shops", timeout=5)
