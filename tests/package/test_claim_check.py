"""check holds a cell against the ledger: each verdict, each way to disagree."""

import pytest
import yaml

from cbam_teach import claims
from cbam_teach.claims_entry import EXPLAINED
from cbam_teach.language import set_language

READ = claims.ledger
BOTH, HALF = {"tr": "Metin.", "en": "Text."}, {"tr": "Metin."}


def entry(id="C1", tr="Maske\nçarpar.", en="A mask\nmultiplies.", verdict=True, **more):
    """A whole entry, with what its verdict asks for; a key given as None is left out."""
    claim = {"id": id, "tr": tr, "en": en, "source": BOTH, "lines": ["002:45-49"]}
    claim |= {"verdict": verdict, "chapter": "02_masks"}
    if explained := EXPLAINED.get({True: "true", False: "false"}.get(verdict, verdict)):
        claim[explained] = BOTH
    return {key: value for key, value in (claim | more).items() if value is not None}


LEDGER = claims.by_id(
    [
        entry(),
        entry("C2", "Maske toplanır.", "A mask is added.", "false"),
        entry("C3", "Yol açıktır.", "The path is open.", "only-if"),
        entry("C4", "Bazen işe yarar.", "Sometimes it helps.", "not-testable"),
        entry("C5", "Bekler.", "It waits.", True, pending=True, plan="Shapes. Fails with: 3."),
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
    (book / "claims.yml").write_text(yaml.safe_dump([entry(tr="ş")], allow_unicode=True), "utf-8")
    assert READ.__wrapped__()["C1"]["tr"] == "ş"
    (package / "claims.yml").write_text(yaml.safe_dump([entry("C2", verdict="only-if")]), "utf-8")
    assert list(READ.__wrapped__()) == ["C2"]


def test_an_unknown_claim_is_refused():
    with pytest.raises(ValueError, match=r"id must be in the ledger.*'C9'.*Allowed: C1, C2, C3"):
        claims.check("C9", holds=True)


@pytest.mark.parametrize("holds", [True, False, (True, False)])
def test_what_cannot_be_tested_cannot_be_checked(capsys, holds):
    told = r"only a claim that can be tested\. Given: C4 \(not testable\)\. Allowed: true, false"
    with pytest.raises(ValueError, match=told):
        claims.check("C4", holds=holds)
    assert capsys.readouterr().out == ""


def test_a_claim_that_waits_may_be_checked_by_the_chapter_that_comes(capsys):
    claims.check("C5", holds=True)
    assert capsys.readouterr().out == "C5 · true · It waits.\n"


def test_a_double_is_refused():
    with pytest.raises(ValueError, match=r"must stand in the ledger once.*Given: C1"):
        claims.by_id([entry(), entry()])


VERDICTS = "true, false, only-if, not-testable"
BROKEN = {
    "verdict": (entry(verdict="maybe"), rf"the verdict.*'maybe'.*{VERDICTS}"),
    "no source": (entry(source=None), r"needed key.*Given: source\. Allowed: id, tr"),
    "no lines": (entry(lines=None), r"needed key.*Given: lines"),
    "key": (entry(belief=True), r"keys of a claim must be known.*Given: belief"),
    "false": (entry(verdict=False, correction=None), r"is false must.*Allowed: correction"),
    "only-if": (entry(verdict="only-if", condition=None), r"is only-if must.*Allowed: condition"),
    "no why": (entry(verdict="not-testable", why=None), r"is not-testable must.*Allowed: why"),
    "true": (entry(condition=BOTH), r"is true must.*Given: condition\. Allowed: –"),
    "both": (entry(verdict=False, condition=BOTH), r"Given: correction, condition\. Allowed"),
    "half": (entry(verdict="only-if", condition=HALF), r"both languages.*Given: condition\.en"),
    "plain": (entry(verdict="false", correction="a"), r"Given: correction\.tr, correction\.en"),
    "source": (entry(source="notes 002"), r"both languages.*Given: source\.tr, source\.en"),
    "empty": (entry(en="  "), r"both languages.*Given: en\."),
    "place": (entry(lines=["2:45"]), r"NOTE:LINE.*Given: '2:45'\. Allowed: 002:45-49"),
    "backwards": (entry(lines=["002:49-45"]), r"NOTE:LINE.*Given: '002:49-45'"),
    "no list": (entry(lines="002:45, 002:50"), r"NOTE:LINE.*Given: '002:45, 002:50'"),
    "pending": (entry(pending=False), r"absent or true.*Given: False"),
    "no plan": (entry(pending=True), r"plan must stand.*Given: –\. Allowed: plan"),
    "plan": (entry(plan="Shapes."), r"plan must stand.*Given: 'Shapes\.'\. Allowed: –"),
    "idle": (entry(verdict="not-testable", pending=True, plan="A."), r"plan must.*Allowed: –"),
}


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("name", BROKEN)
def test_an_entry_that_is_not_whole_is_refused(name):
    broken, message = BROKEN[name]
    with pytest.raises(ValueError, match=rf"C1: .*{message}"):
        claims.by_id([broken])


@pytest.mark.parametrize("lines", [[], ["000:1"], ["004:9-10", "002:1-297"]])
def test_places_of_the_notes_may_be_none_or_many(lines):
    assert claims.by_id([entry(lines=lines)])["C1"]["lines"] == lines


def test_the_books_own_ledger_is_whole():
    found = READ.__wrapped__()
    assert len(found) > 150
    assert {claims.verdict(claim) for claim in found.values()} == set(EXPLAINED)
