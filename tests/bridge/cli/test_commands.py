"""The command line as a person meets it: a whole installation started by ``up``, and everything else beside it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from connectors.simulators import shopify
from connectors.simulators.shopify import Simulator
from demo.world import free_port

DOMAIN = "nordlicht.myshopify.com"


class Machine:
    """A folder of data, settings in the environment, and the command."""

    def __init__(self, home: Path, simulator: Simulator) -> None:
        self.simulator = simulator
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
        self.environ = {
            **kept,
            "DATA_DIR": str(home / "data"),
            "SHOPIFY_URL": simulator.url + "/{shop}",
            "WEB_PORT": str(self.port),
            "BROKER_URL": f"redis://127.0.0.1:{free_port()}/0",
            "EMBEDDED_BROKER": "true",
            "SETTLE_SECONDS": "0",
            "COLUMNS": "200",
        }
        self.url = f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str, asked: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bridge.cli", *arguments]
        return subprocess.run(command, env=self.environ, input=asked, capture_output=True, text=True, timeout=60)

    def says(self, *arguments: str, asked: str = "") -> str:
        """The output of a command that succeeds."""
        done = self.run(*arguments, asked=asked)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refuses(self, *arguments: str) -> str:
        """The sentence of a command that fails; never a traceback."""
        done = self.run(*arguments)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr + done.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which nothing was started yet."""
    with shopify.start() as simulator:
        yield Machine(tmp_path_factory.mktemp("fresh"), simulator)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine where ``storebridge up`` runs, with a store connected by the command line."""
    home = tmp_path_factory.mktemp("machine")
    with shopify.start() as simulator:
        machine = Machine(home, simulator)
        options = {"client_id": "id", "client_secret": "hush", "loopback": True}
        simulator.control.add(DOMAIN, options)
        log = home / "up.log"
        with log.open("wb") as file:
            up = subprocess.Popen(
                [sys.executable, "-m", "bridge.cli", "up"], env=machine.environ, stdout=file, stderr=subprocess.STDOUT
            )
        try:
            machine.environ["UP_LOG"] = str(log)
            _wait(lambda: f"Ready: {machine.url}" in log.read_text(), 60)
            machine.says(
                "shop", "connect", "nordlicht", "--client-id", "id", "--client-secret", "hush", "--locale", "de"
            )
            yield machine
        finally:
            up.send_signal(signal.SIGINT)
            assert up.wait(30) == 0
    assert not _answers(machine.url)


def _wait(true, seconds: float = 20) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def test_the_first_run_prints_a_login_that_opens_the_page(machine: Machine) -> None:
    told = Path(machine.environ["UP_LOG"]).read_text()
    (password,) = re.findall(r"sign in as operator with the password (\S+)", told)
    with requests.Session() as visitor:
        form = visitor.get(machine.url + "/sign-in", timeout=10).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token
        given = {"name": "operator", "password": password, "csrf_token": token[1]}
        page = visitor.post(machine.url + "/sign-in", data=given, timeout=10)
        assert page.ok and "/sign-in" not in page.url


def test_keys_are_rotated_by_one_command_that_may_be_repeated(tmp_path: Path) -> None:
    with shopify.start() as simulator:
        alone = Machine(tmp_path, simulator)
        old, new = (alone.says("doctor", "--new-key").strip() for _each in range(2))
        alone.environ |= {"ENCRYPTION_KEYS": old, "SECRET_KEY": "only for tests " * 3}
        alone.says("migrate")
        alone.says("shop", "connect", "nordlicht", "--client-id", "id", "--client-secret", "hush", "--locale", "de")
        alone.environ["ENCRYPTION_KEYS"] = new
        assert "1 could not be opened with any of ENCRYPTION_KEYS" in alone.refuses("rotate-keys")
        alone.environ["ENCRYPTION_KEYS"] = f"{new},{old}"
        assert "Sealed anew: 1, already under the newest key: 0." in alone.says("rotate-keys")
        alone.environ["ENCRYPTION_KEYS"] = new
        assert "Sealed anew: 0, already under the newest key: 1." in alone.says("rotate-keys")


def test_a_second_one_on_the_same_port_is_refused(machine: Machine) -> None:
    assert f"Port {machine.port} is taken" in machine.refuses("up")


def test_the_doctor_finds_a_healthy_installation(machine: Machine) -> None:
    told = machine.says("doctor")
    for about in ("settings", "database", "clock", "disk", "broker", "dispatcher", "think", "write", "model", DOMAIN):
        assert re.search(rf"^good +{re.escape(about)}", told, re.MULTILINE), told


def test_a_refresh_shows_its_progress_and_ends_with_what_waits(machine: Machine) -> None:
    for number in range(3):
        body = {"title": f"Wolldecke {number}", "vendor": "Nordahl", "product_type": "Decke"}
        requests.post(f"{machine.simulator.url}/_sim/{DOMAIN}/products", json=body, timeout=10).raise_for_status()
    _wait(lambda: "Drafts that wait for you: 3" in machine.says("refresh", DOMAIN, "--yes"))


def test_jobs_and_deliveries_are_named_by_number_or_refused(machine: Machine) -> None:
    assert "There is no job 999" in machine.refuses("retry", "999")
    assert "Name job ids" in machine.refuses("retry")
    assert "Jobs started again: 0" in machine.says("retry", "--failed")
    assert "There is no job 999" in machine.refuses("undo", "999")
    assert "Deliveries planned again: 0" in machine.says("replay")


def test_one_switch_stops_and_starts_the_writes_of_a_shop(machine: Machine) -> None:
    machine.says("shop", "stop", DOMAIN)
    assert "writes stopped" in machine.says("shop", "list")
    machine.says("shop", "go", DOMAIN)
    assert "writes stopped" not in machine.says("shop", "list")
    assert "other.myshopify.com" in machine.refuses("shop", "stop", "other.myshopify.com")


def test_people_are_added_listed_and_given_new_passwords(machine: Machine) -> None:
    machine.says("user", "add", "anna", "--shop", DOMAIN, asked="a long password 1\na long password 1\n")
    assert "anna" in machine.says("user", "list")
    machine.says("user", "password", "anna", asked="another password 1\nanother password 1\n")
    assert machine.run("user", "add", "bert", asked="short\nshort\n").returncode != 0
    assert "bert" not in machine.says("user", "list")


def test_the_schema_goes_away_only_after_a_yes(machine: Machine) -> None:
    done = machine.run("migrate", "--to", "base", asked="n\n")
    assert done.returncode != 0
    assert DOMAIN in machine.says("shop", "list")


def test_on_a_fresh_machine_every_command_says_what_to_do_first(fresh: Machine) -> None:
    assert "storebridge up" in fresh.refuses("doctor")
    assert "SECRET_KEY" in fresh.refuses("shop", "list")
    assert len(fresh.says("doctor", "--new-key").strip()) == 44


def test_a_wrong_setting_is_named(fresh: Machine) -> None:
    fresh.environ["WEB_PROCESSES"] = "many"
    assert "WEB_PROCESSES" in fresh.refuses("up")
    del fresh.environ["WEB_PROCESSES"]


def test_no_domain_no_connection(machine: Machine) -> None:
    assert "name.myshopify.com" in machine.refuses("shop", "connect", "https://evil.example/x", "--token", "t")
    assert "evil" not in machine.says("shop", "list")
