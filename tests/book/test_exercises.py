"""Every solution passes its check; the untouched exercise and each wrong answer do not."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import pytest
from builder.book import checked_book
from builder.house import LANGUAGES, House
from builder.source import Chapter

from .conftest import ROOT

CHAPTERS = {chapter.name: chapter for chapter in checked_book(House(ROOT)) if chapter.is_notebook}


@dataclass
class Exercise:
    task: str
    check: str = ""
    solution: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def run(source: str, names: dict) -> object:
    """Execute a cell; the value of its last expression, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None


def exercises(chapter: Chapter) -> list[Exercise]:
    found: list[Exercise] = []
    for cell in chapter.code:
        if "exercise" in cell.tags:
            found.append(Exercise(cell.source))
        elif "check" in cell.tags:
            assert not found[-1].check, f"two checks for one exercise: cell {cell.number}"
            found[-1].check = cell.source
        elif "solution" in cell.tags:
            found[-1].solution.append(cell.source)
        elif "wrong" in cell.tags:
            found[-1].wrong.append(cell.source)
    return found


@pytest.mark.parametrize("name", [name for name in CHAPTERS if name[0].isdigit()])
def test_there_are_three_and_each_is_whole(name):
    found = exercises(CHAPTERS[name])
    assert len(found) >= 3
    for exercise in found:
        assert exercise.check
        assert exercise.solution
        assert exercise.wrong


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
@pytest.mark.parametrize("name", [name for name in CHAPTERS if exercises(CHAPTERS[name])])
def test_answers(name, monkeypatch):
    """Both editions have the same cells: a chapter runs once and is graded in each language."""
    import matplotlib as mpl

    mpl.use("agg")
    import cbam_teach
    from cbam_teach.language import speaking

    monkeypatch.setenv("CBAM_TEACH_GRAPHS", "0")  # no exercise asks for a live figure's graph
    names: dict = {"device": cbam_teach.start("tr", seed=0), "__name__": "__main__"}
    waiting = iter(exercises(CHAPTERS[name]))
    for cell in CHAPTERS[name].code:
        if {"solution", "wrong", "check"} & set(cell.tags):
            continue
        run(cell.source, names)
        if "exercise" in cell.tags:
            exercise = next(waiting)
            for language in LANGUAGES:
                with speaking(language):
                    _graded(exercise, names)


def _graded(exercise: Exercise, names: dict) -> None:
    untouched = run(exercise.check, dict(names))
    assert not untouched.passed, f"passes untouched:\n{exercise.check}"
    assert "\n" not in repr(untouched)
    for wrong in exercise.wrong:
        grade = _grade([exercise.task, wrong], exercise.check, names)
        assert not grade.passed, f"a wrong answer passes:\n{wrong}"
        assert repr(grade) != repr(untouched), f"told to answer, having answered:\n{wrong}"
    grade = _grade([exercise.task, *exercise.solution], exercise.check, names)
    assert grade.passed, f"{grade!r}\n{exercise.solution}"


def _grade(answers: list[str], check: str, names: dict):
    own = dict(names)
    for source in answers:
        run(source, own)
    return run(check, own)
