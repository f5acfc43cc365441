"""`make mutants` says the right thing, and its list of survivors speaks of the present source."""

import ast
import fnmatch
import tomllib
from collections import Counter

import pytest


@pytest.fixture
def mutants(tool):
    return tool("mutants")


@pytest.fixture
def settings(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]


def test_every_module_of_a_mask_is_mutated(root, settings):
    chosen = set(settings["only_mutate"])
    assert [name for name in chosen if not (root / name).is_file()] == []
    for path in (root / "cbam_teach").glob("*.py"):
        classes = [
            n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.ClassDef)
        ]
        bases = {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}
        if bases & {"Mask", "Shares"}:
            assert f"cbam_teach/{path.name}" in chosen


def test_the_tests_that_are_left_out_exist(root, settings):
    first, *others = settings["pytest_add_cli_args_test_selection"]
    assert first == "tests/package"
    names = [f"{first}/{path.name}" for path in (root / first).glob("test_*.py")]
    for word in others:
        option, _, what = word.partition("=")
        if option == "--ignore-glob":
            assert fnmatch.filter(names, what), word
        else:
            assert option == "--deselect"
            file, _, test = what.partition("::")
            assert f"\ndef {test}(" in (root / file).read_text("utf-8"), word


def test_each_survivor_has_a_reason_and_stands_in_the_source(root, mutants):
    """An entry about a line that has been rewritten would excuse nothing, or something else."""
    for mutant, reason in mutants.listed().items():
        assert len(reason.split()) >= 4, mutant
        assert mutant.was != mutant.becomes, mutant
        module, _, name = mutant.where.partition(".")
        text = (root / "cbam_teach" / f"{module}.py").read_text("utf-8")
        names = {n.name for n in ast.walk(ast.parse(text)) if hasattr(n, "name")}
        assert set(name.split(".")) <= names, mutant
        assert "".join(mutant.was.split()) in "".join(text.split()), mutant


@pytest.mark.parametrize(
    ("dead", "alive", "unknown", "known", "status", "said"),
    [
        (19, 1, 0, ["a"], 0, "20 mutants, 1 alive, 0 of them not listed: 95.0% seen"),
        (19, 1, 0, [], 1, "alive, and not in survivors.toml: fast.slide\n    - a\n    + b"),
        (20, 0, 0, ["a"], 0, "dead or gone; take it out of survivors.toml: fast.slide"),
        (8, 1, 0, ["a"], 1, "the tests must see 90%"),
        (19, 1, 1, ["a"], 1, "1 were not tried yet"),
        (0, 0, 0, [], 1, "the tests must see 90%"),
    ],
)
def test_the_report(mutants, capsys, dead, alive, unknown, known, status, said):
    living = [mutants.Mutant("fast.slide", "a", "b")] * alive
    reasons = {mutants.Mutant("fast.slide", was, "b"): "the same value" for was in known}
    assert mutants.report(Counter(fast=dead + alive + unknown), living, unknown, reasons) == status
    assert said in capsys.readouterr().out


def test_a_stopped_run_tells_nobody_that_a_survivor_is_dead(mutants, capsys):
    reasons = {mutants.Mutant("fast.slide", "a", "b"): "the same value"}
    assert mutants.report(Counter(fast=20), [], 1, reasons) == 1
    assert "dead" not in capsys.readouterr().out


def test_the_copy_follows_the_sources(mutants, monkeypatch, tmp_path):
    """What changed is copied, what is gone is deleted, what stays keeps its time."""
    source, copy = tmp_path / "source", tmp_path / "copy"
    for name in ("cbam_teach/a.py", "cbam_teach/b.py", "tests/package/test_a.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("1")
    for name in ("book/claims.yml", "pyproject.toml", "tools/quickest_first.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("1")
    monkeypatch.setattr(mutants, "ROOT", source)
    monkeypatch.setattr(mutants, "COPY", copy)
    assert mutants.bring_up_to_date()
    assert not mutants.bring_up_to_date()
    made = [copy / "mutants" / name for name in ("cbam_teach/b.py", "tests/package/test_a.py")]
    for path in made:
        path.parent.mkdir(parents=True)
        path.write_text("of the last run")
    before = (copy / "cbam_teach" / "a.py").stat().st_mtime_ns
    (source / "cbam_teach" / "b.py").unlink()
    (source / "tests" / "package" / "test_a.py").write_text("2")
    assert mutants.bring_up_to_date()
    assert [path for path in made if path.exists()] == []
    assert not (copy / "cbam_teach" / "b.py").exists()
    assert (copy / "tests" / "package" / "test_a.py").read_text() == "2"
    assert (copy / "cbam_teach" / "a.py").stat().st_mtime_ns == before
    assert (copy / "quickest_first.py").exists()
