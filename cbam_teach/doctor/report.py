"""What the doctor found in one block: plain data that can be printed, stored and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cbam_teach.doctor import sheet
from cbam_teach.language import LANGUAGES, placeholders, problem, say, speaking, words

PASSED, FAILED, REMARK, NOT_APPLICABLE = "passed", "failed", "remark", "not applicable"


@dataclass(frozen=True)
class Finding:
    """What one check saw.

    Attributes:
        id: the check, one of `CHECKS`.
        status: PASSED, FAILED, REMARK or NOT_APPLICABLE.
        case: which of the things that this check can see; it chooses the sentence.
        evidence: what was measured, by short name: numbers, texts, shapes, lists of these.
    """

    id: str
    status: str
    case: str
    evidence: Mapping[str, Any]

    def sentence(self, language: str | None = None) -> str:
        """Return what was seen, in a language or in the one in use."""
        keys = (f"doctor.{self.id}.{self.case}", f"doctor.{self.case}")
        return self._said(keys, language)

    def cure(self, language: str | None = None) -> str:
        """Return what to do about it, or nothing where the check passed or does not apply."""
        if self.status not in (FAILED, REMARK):
            return ""
        keys = (f"doctor.{self.id}.{self.case}.cure", f"doctor.{self.id}.cure")
        return self._said(keys, language)

    def _said(self, keys: tuple[str, str], language: str | None) -> str:
        """Return the text of the first key, or of the second where the first has none."""
        key = keys[0] if keys[0] in words() else keys[1]
        with speaking(language):
            names = placeholders(words()[key]["en"]) if key in words() else set()
            given = {name: sheet.shown(self.evidence[name]) for name in names & set(self.evidence)}
            return say(key, **given)


@dataclass(frozen=True)
class Anatomy:
    """How the block is built, as far as it could be seen.

    Attributes:
        skip: "identity", "projection", "none" or "other".
        skips: how many times the skip path is added.
        branch: what the residual branch consists of, in order: "conv 3×3", "BN", "ReLU", …, and
            "attention" where it stands in the middle of them.
        found: where attention stands: "inside", "before", "after", "beside", "middle" of the
            branch, "unused" or "unknown".
        masks: the shape of each mask, in the order in which they are computed.
        operation: what is done with the mask: "multiply", "add" or "none".
        after: what follows the sum, in order.
        seen: what attention is given: the "input", the "branch", the "sum", the "skip" or "other".
    """

    skip: str
    skips: int
    branch: tuple[str, ...]
    found: str
    masks: tuple[tuple[int, ...], ...]
    operation: str
    after: tuple[str, ...]
    seen: str


@dataclass(frozen=True)
class Report:
    """All findings about one block; ``print(report)`` says them in the report's language.

    Attributes:
        block: name of the block's class.
        attention: dotted path of each attention module inside the block.
        placement: where attention was meant to stand.
        found: where it was found.
        shape: of the input that was given.
        findings: one for each check, in the order of `CHECKS`.
        anatomy: what `draw` draws.
        language: "tr" or "en", for all that the report shows.
    """

    block: str
    attention: tuple[str, ...]
    placement: str
    found: str
    shape: tuple[int, ...]
    findings: tuple[Finding, ...]
    anatomy: Anatomy
    language: str

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the checks that failed."""
        return tuple(finding.id for finding in self.findings if finding.status == FAILED)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The ids of the checks that only remark on something."""
        return tuple(finding.id for finding in self.findings if finding.status == REMARK)

    def __getitem__(self, id: str) -> Finding:
        """Return the finding of one check.

        Raises:
            KeyError: for an id that is not among the findings.
        """
        known = {finding.id: finding for finding in self.findings}
        if id not in known:
            with speaking(self.language):
                raise problem(
                    KeyError, "error.choice", owner="Report", option="id",
                    given=repr(id), allowed=list(known),
                )  # fmt: skip
        return known[id]

    def to_dict(self) -> dict[str, Any]:
        """Return everything in lists, dictionaries, numbers and texts that JSON can hold."""
        anatomy = {name: sheet.plain(value) for name, value in vars(self.anatomy).items()}
        findings = [
            {
                "id": finding.id,
                "status": finding.status,
                "case": finding.case,
                "evidence": sheet.plain(finding.evidence),
                "sentence": {language: finding.sentence(language) for language in LANGUAGES},
                "cure": {language: finding.cure(language) for language in LANGUAGES},
            }
            for finding in self.findings
        ]
        return {
            "block": self.block,
            "attention": list(self.attention),
            "placement": self.placement,
            "found": self.found,
            "shape": list(self.shape),
            "ok": self.ok,
            "failed": list(self.failed),
            "remarks": list(self.remarks),
            "findings": findings,
            "anatomy": anatomy,
            "language": self.language,
        }

    def __str__(self) -> str:
        with speaking(self.language):
            return sheet.text(self)

    def __repr__(self) -> str:
        with speaking(self.language):
            return f"Report({self.block}: {sheet.verdict(self)})"

    def _repr_html_(self) -> str:
        with speaking(self.language):
            return sheet.html(self)

    def draw(self) -> None:
        """Draw the block as it was found, with what failed marked."""
        from cbam_teach.plots_doctor import draw

        with speaking(self.language):
            draw(self)
