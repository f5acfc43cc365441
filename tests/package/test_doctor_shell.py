"""``python -m cbam_teach doctor``: what it prints, and its exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from reports_by_hand import IDS

import cbam_teach
from cbam_teach.__main__ import main
from cbam_teach.doctor.factory import required
from cbam_teach.doctor.shell import spoken
from cbam_teach.language import get_language, say, speaking

ROOT = Path(cbam_teach.__file__).parents[1]
MODULE = Path(__file__).with_name("examined_blocks.py").read_text("utf-8")
NAME = "examined_from_the_shell"
LINE = [number for number, line in enumerate(MODULE.split("\n"), 1) if "LookupError" in line]
pytestmark = pytest.mark.usefixtures("as_released")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in a folder with the module, in English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / f"{NAME}.py").write_text(MODULE, "utf-8")
    (tmp_path / "does_not_load.py").write_text("import does_not_exist", "utf-8")
    (tmp_path / "not_python.py").write_text("def (:", "utf-8")
    monkeypatch.chdir(tmp_path)
    path = list(sys.path)

    def go(*words: str) -> tuple[int, str, str]:
        status = main(["doctor", *words])
        assert sys.path == path
        return (status, *capsys.readouterr())

    yield go
    sys.modules.pop(NAME, None)


@pytest.mark.parametrize("target", ["good", "ready"])
def test_a_block_that_is_well_gives_0_and_its_table_alone(run, target):
    status, out, err = run(f"{NAME}:{target}", "--shape", "2", "8", "8", "8")
    assert status == 0
    assert out.startswith("ResidualBlock · input (2, 8, 8, 8) · attention: ")
    assert say("doctor.status.failed") not in [line.split()[2] for line in out.split("\n")[3:15]]
    assert "noise" not in out
    assert "noise of the module" in err


@pytest.mark.parametrize("target", ["Adds", "Kit.make"])
def test_a_finding_gives_1(run, target):
    status, out, _ = run(f"{NAME}:{target}", "--shape", "2", "8", "8", "8")
    assert status == 1
    assert "✗ multiplies" in out


def test_the_placement_is_what_is_asked_for(run):
    words = (f"{NAME}:before", "--shape", "2", "8", "8", "8")
    assert run(*words, "--placement", "before")[0] == 0
    status, out, _ = run(*words)
    assert status == 1
    assert "✗ sees-branch" in out


def test_json_is_the_report_as_data(run):
    status, out, _ = run(f"{NAME}:Adds", "--shape", "2", "8", "8", "8", "--json")
    data = json.loads(out)
    assert status == 1
    assert "multiplies" in data["failed"]
    assert [finding["id"] for finding in data["findings"]] == list(IDS)
    assert data["shape"] == [2, 8, 8, 8]


def test_a_whole_network_is_reported_block_by_block(run):
    words = (f"{NAME}:network", "--model", "--shape", "2", "8", "8", "8")
    status, out, _ = run(*words)
    assert status == 0
    assert [part.split("\n")[0] for part in out.split("\n\n") if part[0] in "01"] == ["0", "1"]
    assert list(json.loads(run(*words, "--json")[1])) == ["0", "1"]


def test_the_attention_can_be_named(run):
    words = (f"{NAME}:Adds", "--shape", "2", "8", "8", "8", "--attention")
    assert "attention: attention ·" in run(*words, "attention")[1]
    status, _, err = run(*words, "attentoin")
    assert status == 2
    assert "Given: 'attentoin'" in err
    both = ("--attention", "attention.channel", "--attention", "attention.spatial")
    assert "attention: attention.channel, attention.spatial ·" in run(f"{NAME}:good", *both)[1]


REFUSED = {
    "no colon": ([NAME], "say.form", f"Given: '{NAME}'"),
    "no module": (["does_not_exist:good"], "say.import", "ModuleNotFoundError: No module named"),
    "breaks on import": (["does_not_load:x"], "say.import", "exist' (does_not_load.py, 1)"),
    "no Python": (["not_python:x"], "say.import", "SyntaxError"),
    "no such name": ([f"{NAME}:god"], "say.attribute", "Given: 'god'. Allowed: good"),
    "not callable": ([f"{NAME}:three"], "say.call", "Given: int"),
    "needs arguments": ([f"{NAME}:needs"], "say.call", "Given: needs(channels)"),
    "no module built": ([f"{NAME}:gives_three"], "say.build", "Given: gives_three() -> int"),
    "raises": ([f"{NAME}:breaks"], "say.build", f"Error: no such width ({NAME}.py, {LINE[0]})"),
    "exits": ([f"{NAME}:leaves"], "say.build", "SystemExit: 0"),
    "does not run": ([f"{NAME}:Stops"], None, f"LookupError: it stops here ({NAME}.py, {LINE[1]})"),
    "no attention": ([f"{NAME}:plain"], None, "Sequential"),
    "no blocks": ([f"{NAME}:plain", "--model"], "say.no_blocks", "Given: Sequential"),
    "placement": ([f"{NAME}:good", "--placement", "insde"], None, "Allowed: inside, before, after"),
    "language": ([f"{NAME}:good", "--language", "de"], None, "Given: 'de'. Allowed: tr, en"),
    "no language": ([f"{NAME}:good", "--language"], "say.command", "--language. Allowed: "),
    "letters": ([f"{NAME}:good", "--shape", "4", "8", "x", "8"], None, "Given: 'x'. Allowed: 1, 2"),
    "zero": ([f"{NAME}:good", "--shape", "4", "8", "0", "8"], None, "Given: 0. Allowed: 1, 2"),
    "three sizes": ([f"{NAME}:good", "--shape", "4", "8", "8"], "say.command", "python -m cbam"),
    "unknown option": ([f"{NAME}:good", "--frob"], "say.command", "--frob. Allowed: python -m"),
    "nothing": ([], "say.command", "Given: –. Allowed: python -m cbam_teach doctor"),
    "two wishes": (
        [f"{NAME}:good", "--model", "--attention", "a"], "say.model_attention", "--model --att",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_examined_gives_2_and_a_reason(run, monkeypatch, case, language):
    words, key, wanted = REFUSED[case]
    monkeypatch.setenv("LANG", f"{language}_XX.UTF-8")
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    with speaking(language):
        given, allowed = say("error.parts", asked="", given="|", allowed="|").split("|")[:2]
        asked = say(key.replace("say", "doctor.shell"), **NAMED.get(case, {})) if key else ""
    assert asked in err
    if language == "en":
        assert wanted in err
    assert given.removeprefix(". ") in err
    assert allowed in err
    assert get_language() == "en"


NAMED = {
    "no module": {"name": "does_not_exist"}, "breaks on import": {"name": "does_not_load"},
    "no Python": {"name": "not_python"}, "no such name": {"name": NAME},
    "not callable": {"name": "three"}, "needs arguments": {"name": "needs"},
    "no module built": {"name": "gives_three"}, "raises": {"name": "breaks"},
    "exits": {"name": "leaves"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "tr_TR.UTF-8"}, "tr"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "tr_TR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "", "LC_MESSAGES": "tr_TR"}, "tr"),
    ],
)
def test_the_language_is_that_of_the_environment(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert spoken() == language


def test_the_language_that_is_asked_for_comes_first(run, monkeypatch):
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    words = (f"{NAME}:Adds", "--shape", "2", "8", "8", "8")
    assert "12 denetimin" in run(*words)[1]
    assert "of 12 checks failed" in run(*words, "--language", "en")[1]
    assert get_language() == "en"


@pytest.mark.parametrize(("words", "status"), [(["-h"], 0), (["--help"], 0), ([], 2), (["x"], 2)])
def test_other_words_give_the_usage(monkeypatch, capsys, words, status):
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    assert main(words) == status
    out, err = capsys.readouterr()
    said = out if status == 0 else err
    assert said.startswith("kullanım: python -m cbam_teach doctor package.module:factory")
    assert out + err == said


def test_what_the_doctor_did_not_expect_is_told_without_a_traceback(run, monkeypatch):
    def lost(*_, **__):
        raise KeyError("lost")

    monkeypatch.setattr("cbam_teach.doctor.shell.diagnose", lost)
    status, out, err = run(f"{NAME}:good")
    assert (status, out) == (2, "")
    assert f"{say('doctor.shell.broke_off')}. Given: KeyError: 'lost' (" in err
    assert "Traceback" not in err


def test_a_callable_that_does_not_tell_its_arguments_is_called():
    assert required(dict.fromkeys) == ["iterable"]
    assert required(iter) == []


def test_a_process_of_its_own_does_the_same(run, tmp_path):
    command = [sys.executable, "-m", "cbam_teach", "doctor", f"{NAME}:good"]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "--placement", "before", "--shape", "2", "8", "8", "8"],
        cwd=tmp_path, env=surroundings, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "✗ sees-branch" in done.stdout
    assert "Traceback" not in done.stderr
