"""The shape of the house, and the one string that links its two doors."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bridge import nudge
from connectors import CONNECTORS
from tests.conftest import KEY

ROOT = Path(__file__).parents[2]
OURS = {"bridge", "connectors", "tasks", "webhooks", "demo", "tests"}


def test_two_doors_stand_on_the_connectors_and_they_on_the_core() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_simulators_import_nothing_of_ours() -> None:
    """Found in the source, so that it also holds for a platform that was added yesterday."""
    found = {}
    for path in (ROOT / "connectors" / "simulators").rglob("*.py"):
        for name in _imported(path):
            if name.split(".")[0] in OURS and not name.startswith("connectors.simulators"):
                found[path.name] = name
    assert found == {}


@pytest.mark.parametrize("platform", sorted(CONNECTORS))
def test_a_platform_knows_no_other_platform(platform: str) -> None:
    others = tuple(f"connectors.{other}" for other in {*CONNECTORS, "simulators"} - {platform})
    for path in (ROOT / "connectors" / platform).rglob("*.py"):
        assert not [name for name in _imported(path) if name.startswith(others)], path.name


def _imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    given = {
        f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert not any(node.level for node in nodes if isinstance(node, ast.ImportFrom)), f"{path}: a relative import"
    return plain | given


def test_the_core_names_the_tasks_that_the_workers_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    monkeypatch.setenv("ENCRYPTION_KEYS", KEY)
    app = import_module("tasks.app").app
    app.loader.import_default_modules()
    own = {name for name in app.tasks if name.startswith("tasks.")}
    assert own == {*nudge.TASKS.values(), nudge.PING}
