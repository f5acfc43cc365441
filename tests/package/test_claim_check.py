"""check holds a cell against the ledger: each verdict, each way to disagree."""

import pytest

from cbam_teach import claims
from cbam_teach.language import set_language

READ = claims.ledger
LEDGER = claims.by_id(
    [
        {"id": "C1", "tr": "Maske\nçarpar.", "en": "A mask\nmultiplies.", "verdict": True},
        {"id": "C2", "tr": "Maske toplanır.", "en": "A mask is added.", "verdict": "false"},
        {"id": "C3", "tr": "Yol açıktır.", "en": "The path is open.", "verdict": "only-if"},
    ]
)


@pytest.fixture(autouse=True)
def ledger(monkeypatch):
    monkeypatch.setattr(claims, "ledger", lambda: LEDGER)


@pytest.mark.parametrize(
    ("id", "holds", "turkish", "english"),
    [
        ("C1", True, "C1 · doğru · Maske çarpar.", "C1 · true · A mask multiplies."),
        ("C2", False, "C2 · yanlış · Maske toplanır.", "C2 · false · A mask is added."),
        (
            "C3",
            (True, False),
            "C3 · koşullu doğru · Yol açıktır.",
            "C3 · only if · The path is open.",
        ),
    ],
)
def test_agreement_prints_one_line(capsys, id, holds, turkish, english):
    claims.check(id, holds=holds)
    set_language("tr")
    claims.check(id, holds=holds)
    assert capsys.readouterr().out == f"{english}\n{turkish}\n"


@pytest.mark.parametrize(
    ("id", "holds"),
    [("C1", False), ("C2", True), ("C3", (True, True)), ("C3", (False, False)),
     ("C3", (False, True))],
)  # fmt: skip
def test_disagreement_raises_and_prints_nothing(capsys, id, holds):
    with pytest.raises(AssertionError, match=rf"{id}: what was seen must agree.*Given: .*Allowed"):
        claims.check(id, holds=holds)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("id", "holds", "allowed"),
    [
        ("C1", 1, "bool"),
        ("C1", None, "bool"),
        ("C2", (False, False), "bool"),
        ("C3", True, "bool, "),
        ("C3", (1, 0), "bool, "),
        ("C3", [True, False], "bool, "),
    ],
)
def test_what_is_no_truth_value_is_refused(id, holds, allowed):
    with pytest.raises(TypeError, match=rf"`holds` must be a computed.*Allowed: \(?{allowed}"):
        claims.check(id, holds=holds)


def test_the_packaged_ledger_comes_before_the_checkouts(monkeypatch, tmp_path):
    package, book = tmp_path / "cbam_teach", tmp_path / "book"
    package.mkdir()
    book.mkdir()
    monkeypatch.setattr(claims, "__file__", str(package / "claims.py"))
    with pytest.raises(FileNotFoundError, match="ledger of claims must lie beside the package"):
        READ.__wrapped__()
    (book / "claims.yml").write_text("- {id: C1, tr: ş, en: s, verdict: true}", "utf-8")
    assert READ.__wrapped__()["C1"]["tr"] == "ş"
    (package / "claims.yml").write_text("- {id: C2, tr: a, en: b, verdict: only-if}", "utf-8")
    assert list(READ.__wrapped__()) == ["C2"]


def test_an_unknown_claim_is_refused():
    with pytest.raises(ValueError, match=r"id must be in the ledger.*'C9'.*Allowed: C1, C2, C3"):
        claims.check("C9", holds=True)


def test_a_ledger_with_a_double_or_another_word_is_refused():
    claim = {"id": "C1", "tr": "a", "en": "b", "verdict": True}
    with pytest.raises(ValueError, match=r"must stand in the ledger once.*Given: C1"):
        claims.by_id([claim, claim])
    with pytest.raises(ValueError, match=r"C1: the verdict.*Given: 'maybe'.*true, false, only-if"):
        claims.by_id([claim | {"verdict": "maybe"}])
