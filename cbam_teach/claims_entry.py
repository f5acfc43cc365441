"""What one entry of the ledger must hold, by its verdict."""

import re
from typing import Any

from cbam_teach.language import problem

LANGUAGES = ("tr", "en")
# The verdicts, each with the text that explains it; "true" needs none.
EXPLAINED = {"true": None, "false": "correction", "only-if": "condition", "not-testable": "why"}
SENTENCES = ("source", "correction", "condition", "why")
NEEDED = ("id", "tr", "en", "source", "lines", "verdict", "chapter")
OPTIONAL = ("correction", "condition", "why", "pending", "plan")
PLACE = re.compile(r"(\d{3}):([1-9]\d*)(?:-([1-9]\d*))?")


def verdict(claim: dict[str, Any]) -> str:
    """Return "true", "false", "only-if" or "not-testable"; YAML reads the first two as booleans."""
    return {True: "true", False: "false"}.get(claim["verdict"], claim["verdict"])


def check_entry(claim: dict[str, Any]) -> None:
    """Refuse an entry with a missing or unknown key, an empty text, or the wrong explanation.

    Raises:
        ValueError: naming the entry, what was given, and what is allowed.
    """
    name = claim.get("id", "?")
    if missing := [key for key in NEEDED if key not in claim]:
        raise problem(ValueError, "error.claim_keys", id=name, given=missing, allowed=list(NEEDED))
    if unknown := [key for key in claim if key not in NEEDED + OPTIONAL]:
        known = [*NEEDED, *OPTIONAL]
        raise problem(ValueError, "error.claim_unknown", id=name, given=unknown, allowed=known)
    ruled = verdict(claim)
    if ruled not in EXPLAINED:
        raise problem(
            ValueError, "error.verdict", id=name,
            given=repr(claim["verdict"]), allowed=list(EXPLAINED),
        )  # fmt: skip
    wanted = [EXPLAINED[ruled]] if EXPLAINED[ruled] else []
    given = [key for key in ("correction", "condition", "why") if key in claim]
    if given != wanted:
        raise problem(
            ValueError, "error.claim_explained", id=name, verdict=ruled,
            given=given or "–", allowed=wanted or "–",
        )  # fmt: skip
    _check_texts(name, claim)
    _check_waiting(name, claim, ruled)


def _check_texts(name: str, claim: dict[str, Any]) -> None:
    """Every sentence in both languages; places of the notes as NOTE:LINE or NOTE:FIRST-LAST."""
    texts = {language: claim[language] for language in LANGUAGES}
    for key in SENTENCES:
        if key in claim:
            pair = claim[key] if isinstance(claim[key], dict) else {}
            texts |= {f"{key}.{language}": pair.get(language) for language in LANGUAGES}
    empty = [key for key, text in texts.items() if not (isinstance(text, str) and text.strip())]
    if empty:
        raise problem(ValueError, "error.claim_text", id=name, given=empty, allowed=list(LANGUAGES))
    lines = claim["lines"] if isinstance(claim["lines"], list) else [claim["lines"]]
    for place in lines:
        found = PLACE.fullmatch(str(place))
        if not found or (found[3] and int(found[3]) <= int(found[2])):
            raise problem(
                ValueError, "error.claim_place", id=name, given=repr(place), allowed="002:45-49"
            )


def _check_waiting(name: str, claim: dict[str, Any], ruled: str) -> None:
    """`pending` is true or absent; a plan stands exactly where a cell is still to be written."""
    if claim.get("pending", True) is not True:
        raise problem(
            ValueError, "error.claim_pending", id=name, given=repr(claim["pending"]), allowed="true"
        )
    due = "pending" in claim and ruled != "not-testable"
    plan = claim.get("plan", "")
    if bool(isinstance(plan, str) and plan.strip()) != due or (not due and "plan" in claim):
        raise problem(
            ValueError, "error.claim_plan", id=name,
            given=repr(plan) if plan else "–", allowed="plan" if due else "–",
        )  # fmt: skip
