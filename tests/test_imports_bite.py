"""Law 2: the import contracts of pyproject.toml are kept by the house, and broken by each import that they forbid."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.laws.sources import APPS, ROOT

ROOMS = (
    "models",
    "querysets",
    "signals",
    "actions",
    "forms",
    "views",
    "consumers",
    "admin",
    "tasks",
    "receivers",
    "cards",
    "urls",
)
FORBIDDEN = [
    ("Storeys", "accounts.actions", "uploads.models"),
    ("Storeys", "appointments.receivers", "chat.signals"),
    ("Storeys", "billing.models", "chat.models"),
    ("Storeys", "chat.views", "portal.views"),
    ("Rooms", "chat.models", "chat.actions"),
    ("Rooms", "chat.querysets", "chat.models"),
    ("Rooms", "chat.signals", "chat.models"),
    ("Rooms", "chat.actions", "chat.forms"),
    ("Rooms", "chat.forms", "chat.views"),
    ("Rooms", "chat.views", "chat.admin"),
    ("Rooms", "chat.tasks", "chat.receivers"),
    ("Rooms", "chat.views", "chat.urls"),
    ("Doors", "chat.actions", "accounts.views"),
    ("Doors", "uploads.views", "accounts.forms"),
    ("Doors", "billing.receivers", "appointments.tasks"),
]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LINTER = Path(sys.executable).with_name("lint-imports")


def lint(folder, config):
    # The current directory comes first, so that the small house is looked at and not the real one.
    return subprocess.run(
        [LINTER, "--config", config, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """`small(imports)` is what the real contracts say of a house of empty rooms with these imports in it."""

    def build(imports):
        folder = tmp_path_factory.mktemp("house")
        for app in APPS:
            (folder / app).mkdir()
            for name in ("__init__", *ROOMS):
                (folder / app / f"{name}.py").touch()
        for room, target in imports:
            with (folder / f"{room.replace('.', '/')}.py").open("a") as file:
                file.write(f"import {target}\n")
        text = (ROOT / "pyproject.toml").read_text()
        (folder / "contracts.toml").write_text(text[text.index("[tool.importlinter]") :])
        return lint(folder, "contracts.toml")

    return build


@pytest.fixture(scope="module")
def broken(small):
    """What is said of every forbidden import at once, by the first word of the contract."""
    done = small([(room, target) for _contract, room, target in FORBIDDEN])
    assert done.returncode == 1
    said = done.stdout[done.stdout.index("Broken contracts") :]
    parts = re.split(r"\n(\w+): .+\n-+\n", said)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_house_keeps_its_contracts():
    done = lint(ROOT, "pyproject.toml")
    assert done.returncode == 0, done.stdout
    assert CONTRACTS["root_packages"] == sorted(APPS)


def test_a_small_house_with_good_imports_is_sound(small):
    done = small([("chat.views", "chat.actions"), ("chat.actions", "accounts.models"), ("portal.views", "chat.cards")])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "room", "target"), FORBIDDEN)
def test_a_forbidden_import_is_caught(broken, contract, room, target):
    assert f"{room} -> {target}" in broken[contract]
