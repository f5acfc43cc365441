"""Every public name of the package is on the page of names, as Python sees it."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module

import pytest
from builder import api, docstrings
from builder.definitions import declared, find, parameters
from builder.faces import Myst
from builder.house import LANGUAGES, House
from builder.source import read_book

from .conftest import ROOT

REAL = House(ROOT)
NAMES = [name for group in api.groups(REAL) for name in api.names(REAL, group)]
# What chapters import and no reader needs elsewhere: their figures and their tables.
OWN = re.compile(r"\.(?:live\.(?:scenes|experiments)_\w+|plots_\w+|results\.\w+|__main__)\b")
INSIDE = {"laboratory.album.shown", "digits.source", "fast.pool_pixels"}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.dotted)
def test_the_signature_is_the_one_that_python_sees(name):
    module, _, own = name.dotted.rpartition(".")
    found = getattr(import_module(module), own)
    taken = parameters(REAL, name.definition)
    if not callable(found) or isinstance(name.definition.node, ast.Assign | ast.AnnAssign):
        assert taken is None
        return
    if taken is None:
        ours = [one for one in found.__mro__ if one.__module__.startswith("cbam_teach")]
        assert not [one for one in ours if "__init__" in vars(one)]
        return
    seen = inspect.signature(found).parameters.values()
    ours = [part for part in taken if part not in ("*", "/")]
    assert [re.match(r"\**(\w+)", part)[1] for part in ours] == [one.name for one in seen]
    assert ["=" in part for part in ours] == [one.default is not one.empty for one in seen]


def test_every_public_name_stands_in_both_editions():
    chapters = read_book(REAL)
    wanted = {name.dotted.rpartition(".")[2] for name in NAMES}
    assert wanted >= {dotted.rpartition(".")[2] for dotted in declared(REAL)}
    for language in LANGUAGES:
        text = Myst(REAL, language, chapters).render(":::{api}\n:::")
        assert {f"({api.anchor(name.dotted)})=" for name in NAMES} <= set(text.splitlines())
        words = re.sub(r"\W+", " ", re.sub(r"\(#api-[\w-]+\)|\\", "", text))
        for name in NAMES:
            first = docstrings.sections(name.definition.docstring)[0][1][0]
            assert re.sub(r"\W+", " ", first) in words, name.dotted


def test_what_chapters_import_is_on_the_page():
    held = {(name.definition.file, name.definition.name) for name in NAMES}
    missing = []
    for chapter in read_book(REAL):
        for cell in chapter.code:
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.ImportFrom) and node.module.startswith("cbam_teach."):
                    missing += [f"{node.module}.{alias.name}" for alias in node.names]
    for dotted in {one for one in missing if not OWN.search(one)}:
        definition = find(REAL, dotted)
        known = (definition.file, definition.name) in held
        assert known or dotted.removeprefix("cbam_teach.") in INSIDE, dotted
