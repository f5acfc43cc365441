"""Before anything is installed: what is missing is named, with its cure."""

import os
import shutil
import subprocess
import sys

import pytest

NEEDED = ["sh", "bash", "env", "uname", "make", "nproc", "awk", "test", "cat"]


@pytest.fixture
def machine(tmp_path, root):
    """A copy of the Makefile and a PATH that holds only what a test puts there."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in NEEDED:
        if path := shutil.which(name):
            (tools / name).symlink_to(path)
    (tmp_path / "git").write_text("")
    shutil.copytree(root / "tools", tmp_path / "tools")
    for name in ("Makefile", "constraints.txt", "pyproject.toml", "package.json"):
        shutil.copy(root / name, tmp_path)

    def program(name: str, body: str) -> None:
        path = tools / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def make(*words: str) -> subprocess.CompletedProcess:
        environment = {"PATH": str(tools), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        command = [shutil.which("make"), *words]
        kept = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
        return subprocess.run(command, cwd=tmp_path, env=environment, check=False, **kept)

    make.program = program
    make.folder = tmp_path
    return make


def python_like(without: str) -> str:
    """A Python that lacks one module, as Debian's does before python3-venv is installed."""
    return f'case "$*" in *"import {without}"*) exit 1;; esac\nexec {sys.executable} "$@"'


def test_no_python(machine):
    run = machine("book")
    assert run.returncode != 0
    assert "no 'python3' on this machine" in run.stderr
    assert "apt install python3" in run.stderr


def test_old_python(machine):
    machine.program("python3", 'case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac')
    run = machine("book")
    assert run.returncode != 0
    assert "is Python 3.9.2; 3.11 or newer is needed" in run.stderr
    assert "PYTHON=python3.12" in run.stderr


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
@pytest.mark.parametrize("target", ["book", "test"])
def test_missing_venv_is_named(machine, module, target):
    machine.program("python3", python_like(module))
    run = machine(target)
    version = "{}.{}".format(*sys.version_info)
    assert run.returncode != 0
    assert f"has no module '{module}'" in run.stderr
    assert "apt install python3-venv" in run.stderr
    assert f"python{version}-venv" in run.stderr
    assert not (machine.folder / ".venv").exists()


def test_no_git(machine):
    machine.program("python3", f'exec {sys.executable} "$@"')
    run = machine("test")
    assert run.returncode != 0
    assert "no 'git' on this machine" in run.stderr


def test_windows(machine):
    (machine.folder / "bin" / "uname").unlink()
    machine.program("uname", "echo MINGW64_NT-10.0")
    run = machine("book")
    assert run.returncode != 0
    assert "WSL" in run.stderr


def test_serve_without_a_site(machine):
    machine.program("python3", f'exec {sys.executable} "$@"')
    machine.program("git", "exit 0")
    run = machine("serve")
    assert run.returncode != 0
    assert "make book" in run.stdout


def test_help_needs_nothing_and_names_every_target(machine):
    run = machine()
    listed = {line.split()[1] for line in run.stdout.splitlines()}
    assert run.returncode == 0
    wanted = (
        "book serve test notebooks lab test-full agree clean help wheel constraints mutants bench"
    )
    assert set(wanted.split()) <= listed


def test_a_failing_installation_shows_what_pip_said(root, tmp_path):
    script = "echo Collecting one; echo 'ERROR: no such thing' >&2; exit 3"
    command = ["bash", str(root / "tools" / "quietly.sh"), "bash", "-c", script]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 3
    assert "ERROR: no such thing" in run.stderr
    assert "Cure" in run.stderr
