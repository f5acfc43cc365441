"""The ledger of claims, and the check that a cell makes of one of them."""

from functools import cache
from pathlib import Path
from typing import Any

from cbam_teach.claims_entry import check_entry, verdict
from cbam_teach.language import get_language, problem, say


@cache
def ledger() -> dict[str, dict[str, Any]]:
    """Return the claims by id, from beside this module or from a checkout's ``book/``."""
    import yaml

    here = Path(__file__).parent
    places = (here / "claims.yml", here.parent / "book" / "claims.yml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the quick one, where it was built
    for place in places:
        if place.is_file():
            return by_id(yaml.load(place.read_text("utf-8"), loader) or [])
    raise problem(
        FileNotFoundError, "error.ledger", given="–", allowed=[p.name for p in places[:1]]
    )


def by_id(claims: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Index claims by id; refuse an id that stands twice and an entry that is not whole."""
    found: dict[str, dict[str, Any]] = {}
    for claim in claims:
        check_entry(claim)
        if claim["id"] in found:
            raise problem(ValueError, "error.claim_twice", given=claim["id"], allowed="1 ×")
        found[claim["id"]] = claim
    return found


def check(id: str, *, holds: bool | tuple[bool, bool]) -> None:
    """Hold what a cell has computed against the ledger, and print the claim in one line.

    Args:
        id: the claim's id, such as ``"C101"``.
        holds: whether the claim was seen to hold. For a claim that holds only under a
            condition: a pair, with the condition and without it.

    Raises:
        ValueError: when the ledger has no such claim, or says that it cannot be tested.
        TypeError: when ``holds`` is not a bool, or not a pair of them for "only if".
        AssertionError: when what was seen is not what the ledger says.
    """
    claims = ledger()
    if id not in claims:
        raise problem(ValueError, "error.claim", given=repr(id), allowed=sorted(claims))
    claim = claims[id]
    ruled = verdict(claim)
    if ruled == "not-testable":
        raise problem(
            ValueError, "error.untestable", given=f"{id} ({say(f'claims.{ruled}')})",
            allowed=[say(f"claims.{known}") for known in ("true", "false", "only-if")],
        )  # fmt: skip
    wanted = {"true": True, "false": False, "only-if": (True, False)}[ruled]
    pair = isinstance(holds, tuple) and len(holds) == 2 and all(type(h) is bool for h in holds)
    if not (pair if ruled == "only-if" else isinstance(holds, bool)):
        raise problem(
            TypeError, "error.holds", id=id, given=repr(holds),
            allowed="(bool, bool)" if ruled == "only-if" else "bool",
        )  # fmt: skip
    if holds != wanted:
        raise problem(
            AssertionError, "error.disagrees", id=id, verdict=say(f"claims.{ruled}"),
            given=repr(holds), allowed=repr(wanted),
        )  # fmt: skip
    print(f"{id} · {say(f'claims.{ruled}')} · {' '.join(claim[get_language()].split())}")
