"""What a report says: as a table in text and in HTML, as data, in both languages."""

import json
import math
from html.parser import HTMLParser

import pytest
from reports_by_hand import EVIDENCE, IDS, a_report, every_finding, failing

from cbam_teach.doctor.report import FAILED, NOT_APPLICABLE, PASSED, REMARK, Finding
from cbam_teach.doctor.sheet import shown
from cbam_teach.language import LANGUAGES, get_language, say, set_language, speaking, words

FINDINGS = every_finding()
NAMES = [f"{finding.id}.{finding.case}" for finding in FINDINGS]
SEVERAL = (
    *failing("is-mask"),
    Finding("all-parameters-learn", REMARK, "frozen", EVIDENCE["all-parameters-learn"]),
    Finding("places-matter", NOT_APPLICABLE, "channel", {}),
)


@pytest.mark.parametrize("finding", FINDINGS, ids=NAMES)
def test_every_case_has_a_sentence_and_a_cure_where_something_can_be_done(finding):
    for language in LANGUAGES:
        sentence, cure = finding.sentence(language), finding.cure(language)
        assert 15 < len(sentence) <= 200
        assert sentence.endswith(".")
        assert "{" not in sentence
        if finding.status in (FAILED, REMARK):
            assert 15 < len(cure) <= 200
            assert cure.endswith(".")
        else:
            assert cure == ""
    assert finding.sentence("tr") != finding.sentence("en")


def test_no_two_cases_of_a_check_say_the_same():
    for language in LANGUAGES:
        said = [(f.id, f.sentence(language)) for f in FINDINGS if f.case != "failed_before"]
        assert len(set(said)) == len(said)


def test_every_sentence_is_told_by_the_doctor():
    known = {f"doctor.{f.id}.{f.case}" for f in FINDINGS} | {f"doctor.{id}" for id in IDS}
    kept = [key for key in words() if key.removeprefix("doctor.").partition(".")[0] in IDS]
    assert {key.removesuffix(".cure") for key in kept} <= known


def test_a_case_without_its_own_cure_takes_that_of_the_check():
    finding = Finding("sees-branch", FAILED, "input", {})
    assert finding.cure() == say("doctor.sees-branch.cure")
    unused = Finding("sees-branch", FAILED, "unused", {})
    assert unused.cure() == say("doctor.sees-branch.unused.cure") != finding.cure()


def test_a_sentence_is_filled_from_the_evidence():
    (finding,) = failing("is-mask")
    assert "from -0.25 to 1.5:" in finding.sentence()
    shape = Finding("is-mask", FAILED, "shape", EVIDENCE["is-mask"])
    assert "(4, 16), the map (4, 16, 6, 6)" in shape.sentence()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.123"), (0.0, "0"), (3e-9, "<1e-6"), (-3e-9, "<1e-6"), (2e-5, "2e-05"),
        (12, "12"), (123456, "123456"), (math.nan, "nan"), ("x", "x"), (True, "True"),
        ((4, 16, 1, 1), "(4, 16, 1, 1)"), ([3], "(3,)"), ([], "–"), ([0.5, 0.25], "0.5, 0.25"),
        ([(4, 1), (2, 3)], "(4, 1), (2, 3)"), (list("abcd"), "a, b, c, d"),
        (list("abcdef"), "a, b, c, d, … +2"),
    ],
)  # fmt: skip
def test_how_evidence_is_shown(value, text):
    assert shown(value) == text


def test_what_is_in_order_and_what_is_not():
    report = a_report(*SEVERAL)
    assert not report.ok
    assert report.failed == ("is-mask",)
    assert report.remarks == ("all-parameters-learn",)
    assert report["is-mask"] is SEVERAL[0]
    assert a_report().ok
    assert a_report(SEVERAL[1]).ok


def test_an_unknown_id_is_refused_in_the_reports_language():
    with pytest.raises(KeyError, match=r"`id` must be.*Given: 'mask'.*Allowed: sees-branch, "):
        a_report()["mask"]
    with pytest.raises(KeyError, match=r"Verilen: 'mask'"):
        a_report(language="tr")["mask"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_a_line_for_each_check_and_fits_a_hundred_columns(language):
    names = [f"blocks.{i}.attention.weight" for i in range(9)]
    long = Finding("all-parameters-learn", FAILED, "no_gradient", {"names": names})
    report = a_report(*SEVERAL[::2], long, language=language)
    lines = str(report).splitlines()
    assert max(map(len, lines)) <= 100
    table = lines[lines.index("") + 1 :][:12]
    assert [line.split()[1] for line in table] == list(IDS)
    assert "".join(line[0] for line in table) == "✓✗✓✓✓✗✓–✓✓✓✓"
    with speaking(language):
        assert say("doctor.status.passed") in table[0]
        assert say("doctor.status.failed") in table[1]
        assert say("doctor.status.not_applicable") in table[7]
    assert table[1].endswith("…")
    assert not any(line != line.rstrip() for line in lines)


def test_below_the_table_stand_a_sentence_and_a_cure_for_what_is_not_in_order():
    report = a_report(*SEVERAL)
    below = " ".join(str(report).split("\n\n", 2)[2].split())
    for finding in SEVERAL[:2]:
        assert f"{finding.id}: {finding.sentence()} → {finding.cure()}" in below
    assert SEVERAL[2].sentence() not in below
    assert str(a_report()).count("\n\n") == 1


def test_a_report_keeps_its_language():
    report = a_report(*SEVERAL, language="tr")
    set_language("en")
    assert "3 denetimin" not in str(report)
    assert "12 denetimin 1 tanesinde sorun var: is-mask" in str(report)
    assert "sorun var" in report._repr_html_()
    assert get_language() == "en"
    assert repr(report).startswith("Report(Block: 12 denetimin")
    assert "\n" not in repr(report)


def test_speaking_goes_back_to_the_language_before_after_an_error_too():
    with speaking(None):
        assert get_language() == "en"
    with pytest.raises(RuntimeError), speaking("tr"):  # noqa: PT012
        assert get_language() == "tr"
        raise RuntimeError
    assert get_language() == "en"
    with pytest.raises(ValueError, match="Given: 'de'"), speaking("de"):
        pass


def test_the_data_are_whole_and_pass_through_json():
    nan = Finding("mask-alive", FAILED, "not_finite", {"values": [0.5, math.nan], "change": 0.0})
    report = a_report(*SEVERAL, nan, language="tr")
    data = report.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["failed"] == ["is-mask", "mask-alive"]
    assert data["ok"] is False
    assert [finding["id"] for finding in data["findings"]] == list(IDS)
    assert data["findings"][9]["evidence"] == {"values": [0.5, "nan"], "change": 0.0}
    for finding, stored in zip(report.findings, data["findings"], strict=True):
        assert stored["sentence"] == {lang: finding.sentence(lang) for lang in LANGUAGES}
        assert stored["cure"] == {lang: finding.cure(lang) for lang in LANGUAGES}
    assert data["anatomy"]["masks"] == [[4, 16, 1, 1], [4, 1, 6, 6]]
    assert {"block", "attention", "placement", "found", "shape", "language"} <= set(data)


class Table(HTMLParser):
    """Collects the cells, their scopes and the caption of a table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.cells, self.caption = [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag == "br":
            return
        self.open.append(tag)
        if tag in ("th", "td"):
            self.cells.append((dict(attrs).get("scope"), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "caption" in self.open:
            self.caption += data
        elif self.cells:
            scope, before = self.cells[-1]
            self.cells[-1] = (scope, before + data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_html_can_be_read_aloud_and_holds_nothing_but_text(language):
    evil = Finding("is-mask", FAILED, "range", {"mask_min": "<b>&", "mask_max": "</td>"})
    report = a_report(evil, block="Block<script>", language=language, attention=("a<b",))
    table = Table(report._repr_html_())
    assert "Block<script>" in table.caption
    assert "a<b" in table.caption
    assert [cell[0] for cell in table.cells] == ["col"] * 4 + ["row", None, None, None] * 12
    rows = [[text for _, text in table.cells[i : i + 4]] for i in range(4, 52, 4)]
    assert [row[0] for row in rows] == list(IDS)
    with speaking(language):
        assert rows[1][1] == f"✗\xa0{say('doctor.status.failed')}"
        assert rows[1][3].startswith(evil.sentence())
        assert rows[1][3].endswith(f"{say('doctor.cure')} {evil.cure()}".replace("`", ""))
        assert rows[0][3] == report.findings[0].sentence()
    assert f'lang="{language}"' in report._repr_html_()


def test_the_html_leaves_the_page_its_colours():
    html = a_report(*SEVERAL)._repr_html_()
    assert "background:#" not in html
    assert "color:black" not in html
    assert html.count("color:inherit") >= 50


def test_two_equal_reports_read_the_same():
    one, other = a_report(*SEVERAL), a_report(*SEVERAL)
    assert one == other
    assert str(one) == str(other)
    assert one._repr_html_() == other._repr_html_()
    assert a_report().findings[0].status == PASSED
