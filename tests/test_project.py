"""The project holds together: its own packages are imported, its own files load, its own rules hold."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import acquisition
import drivers
import simulators
from acquisition.cli.main import app
from acquisition.config import find_config, load_config, shipped_names
from acquisition.rig import RigFile
from acquisition.sequence import load_sequence
from simulators.sample import Sample

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (acquisition, drivers, simulators)
SOURCES = [path for package in PACKAGES for path in sorted(Path(package.__path__[0]).rglob("*.py"))]
BEFORE_INSTALLATION = tuple(
    f"acquisition/{name}.py" for name in ("__init__", "bootstrap", "child", "file_lock", "system_libraries")
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imported_modules(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_a_package_is_ours_and_not_a_stranger_of_the_same_name(package: object) -> None:
    assert Path(package.__file__).is_relative_to(ROOT)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", shipped_names("rigs"))
def test_a_shipped_rig_loads(name: str) -> None:
    assert load_config(find_config("rigs", name), RigFile).name == name


@pytest.mark.parametrize("name", shipped_names("samples"))
def test_a_shipped_sample_loads(name: str) -> None:
    assert load_config(find_config("samples", name), Sample).name == name


@pytest.mark.parametrize("name", shipped_names("sequences"))
def test_a_shipped_sequence_loads(name: str) -> None:
    sequence, path = load_sequence(name)
    assert sequence.steps
    assert path == find_config("sequences", name)


def test_something_of_each_group_is_shipped_and_nothing_lies_elsewhere() -> None:
    groups = ("rigs", "samples", "sequences")
    assert all(shipped_names(group) for group in groups)
    known = {ROOT / "configs" / group / f"{name}.yaml" for group in groups for name in shipped_names(group)}
    known.add(ROOT / "configs" / "calibrations" / "spad_lambda_device.yaml")
    assert set((ROOT / "configs").rglob("*.y*ml")) == known


@pytest.mark.parametrize("name", BEFORE_INSTALLATION)
def test_what_runs_before_anything_is_installed_imports_the_standard_library_only(name: str) -> None:
    modules = imported_modules(ROOT / name) - {
        path.removesuffix(".py").replace("/", ".") for path in BEFORE_INSTALLATION
    }
    assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


@pytest.mark.parametrize("name", BEFORE_INSTALLATION)
def test_the_bootstrap_parses_on_a_python_that_is_too_old_and_gets_its_message(name: str) -> None:
    source = (ROOT / name).read_text(encoding="utf-8")
    assert ast.parse(source, feature_version=(3, 7)).body


def test_every_command_that_is_named_exists() -> None:
    named = {
        command: relative(path)
        for path in [*SOURCES, ROOT / "pyproject.toml", ROOT / "README.md"]
        for command in re.findall(r"`cascadescope ([a-z]+)", path.read_text(encoding="utf-8"))
    }
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert "analyze" in named
    assert {command: place for command, place in named.items() if command not in commands} == {}


def test_every_package_has_its_layer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    assert contract["exhaustive"] is True
    layers = {name for layer in contract["layers"] for name in layer.split(" : ")}
    there = {
        path.stem
        for path in (ROOT / "acquisition").glob("*")
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert layers == there - {"__init__"}


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in [*SOURCES, *TESTS]}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_only_the_rig_imports_concrete_instruments() -> None:
    concrete = {
        relative(path): module
        for path in SOURCES
        for module in imported_modules(path)
        if (module.split(".")[0] == "drivers" and not module.startswith("drivers.interfaces"))
        or module.split(".")[0] == "simulators"
    }
    inside = ("acquisition/rig/", "acquisition/bench/", "drivers/", "simulators/")  # benches time single parts
    assert [name for name in concrete if not name.startswith(inside)] == []
    assert any(name.startswith("acquisition/rig/") for name in concrete)


def test_the_lock_lists_everything_that_the_project_asks_for() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = tomllib.loads(project)["project"]
    extras = [item for group in table["optional-dependencies"].values() for item in group]
    for requirement in [*table["dependencies"], *extras]:
        name = re.split(r"[<>=!\[ ;]", requirement)[0].lower().replace(".", "-").replace("_", "-")
        assert re.search(rf"^{re.escape(name)}==", lock, flags=re.MULTILINE), f"{name} is not in requirements.lock"
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_qt_starts_offscreen_and_draws_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "from qtpy import QtWidgets\n"
        "app = QtWidgets.QApplication([])\n"
        "label = QtWidgets.QLabel('photons')\n"
        "label.show()\n"
        "app.processEvents()\n"
        "print(label.grab().width() > 0)\n"
    )
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout.strip() == "True", ran.stderr
