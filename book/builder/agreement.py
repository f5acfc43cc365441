"""A stored hash per pair: neither half can change alone without somebody saying that they agree."""

from __future__ import annotations

import json

from .house import LANGUAGES, House, Refusal, digest, to_json, write_if_changed
from .source import Chapter


def _hashes(chapter: Chapter) -> list[tuple[str, str]]:
    halves = [[digest(pair[lang].source.strip()) for lang in LANGUAGES] for pair in chapter.pairs]
    return [(tr, en) for tr, en in halves]


def _path(house: House):
    return house.root / "book" / "agreed.json"


def read_agreed(house: House) -> dict[str, list[list[str]]]:
    path = _path(house)
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def check_agreed(chapters: list[Chapter], house: House) -> list[Refusal]:
    """Refuse each pair of which one half was agreed on before with another partner."""
    refusals, agreed = [], read_agreed(house)
    for chapter in chapters:
        known = [tuple(pair) for pair in agreed.get(chapter.name, ())]
        for pair, (tr, en) in zip(chapter.pairs, _hashes(chapter), strict=True):
            if (tr, en) in known:
                continue
            for index, language in enumerate(LANGUAGES):
                if (tr, en)[index] in {entry[index] for entry in known}:
                    edited = LANGUAGES[1 - index]
                    reason = (
                        f"only the {edited} half of this pair was edited (the {language} half is "
                        f"cell {pair[language].number}): edit the other half too, or run "
                        "`make agree` if the two still say the same"
                    )
                    refusals.append(Refusal(chapter.file, pair[edited].number, reason))
                    break
    return refusals


def unrecorded(chapters: list[Chapter], house: House) -> list[str]:
    """Names of the chapters whose stored hashes are not those of the sources."""
    agreed = read_agreed(house)
    now = {chapter.name: [list(pair) for pair in _hashes(chapter)] for chapter in chapters}
    return [name for name in {**agreed, **now} if agreed.get(name) != now.get(name)]


def record(chapters: list[Chapter], house: House) -> list[str]:
    """Store the pairs as they are now; returns the names of the chapters that changed."""
    changed = unrecorded(chapters, house)
    now = {chapter.name: _hashes(chapter) for chapter in chapters}
    write_if_changed(_path(house), to_json(now))
    return changed
