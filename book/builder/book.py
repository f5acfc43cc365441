"""The book as a whole: checked chapters, the notebooks that they want, and what has changed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from . import agreement, api, coverage, live, notebooks, terms
from .anatomy import anatomy
from .faces import Myst, Plain
from .house import LANGUAGES, House, Refusal, Refused, digest, write_if_changed
from .rules import check_chapter, check_labels
from .source import Chapter, read_book

MAKES = {".py", ".toml", ".json", ".npz"}  # files of the package that an output can come from


def checked_book(house: House) -> list[Chapter]:
    """Read all chapters and apply every rule to them; raises Refused with all that is wrong."""
    chapters = read_book(house)
    refusals = [refusal for chapter in chapters for refusal in check_chapter(chapter, house)]
    refusals += check_labels(chapters)
    refusals += _unknown_sources(chapters, house) if not refusals else []
    refusals += coverage.check(chapters, house)
    if refusals:
        raise Refused(refusals)
    return chapters


def _unknown_sources(chapters: list[Chapter], house: House) -> list[Refusal]:
    """Render every text once: a claim, citation, figure or class that is not there shows here."""
    refusals = []
    labels = {
        label
        for chapter in chapters
        for pair in chapter.pairs
        for label in anatomy(pair["tr"].source, "tr").labels
    }
    for language in LANGUAGES:
        face = Myst(house, language, chapters)
        labels |= set(face.figures)
        labels |= api.labels(house) if "api" in face.pages else set()
        labels |= terms.anchors(house) if "glossary" in face.pages else set()
        for chapter in chapters:
            for pair in chapter.pairs:
                cell = pair[language]
                try:
                    face.render(cell.source)
                    face.captions(cell.source)
                except LookupError as error:
                    refusals.append(Refusal(chapter.file, cell.number, str(error.args[0])))
                for link in anatomy(cell.source, language).links:
                    anchor = link.partition("#")[2]
                    if anchor and ":" not in link and anchor not in labels:
                        reason = f"a link to #{anchor}, which is no label of the book"
                        refusals.append(Refusal(chapter.file, cell.number, reason))
    return refusals


def agreed_book(house: House, *, record: bool) -> list[Chapter]:
    """The checked chapters, none of whose pairs was edited on one side alone."""
    chapters = checked_book(house)
    refusals = agreement.check_agreed(chapters, house)
    if refusals:
        raise Refused(refusals)
    if record:
        agreement.record(chapters, house)
    elif names := agreement.unrecorded(chapters, house):
        reason = f"it does not hold the present pairs of {', '.join(names)}; run `make book`"
        raise Refused([Refusal("book/agreed.json", None, reason)])
    return chapters


def wanted(chapters: list[Chapter], house: House) -> dict[Path, object]:
    """Every committed notebook as the sources want it, without outputs."""
    faces = {language: Plain(house, language, chapters) for language in LANGUAGES}
    return {
        house.notebook(language, chapter.name): notebooks.plain_notebook(chapter, faces[language])
        for language in LANGUAGES
        for chapter in chapters
        if chapter.is_notebook
    }


def rewrite(chapters: list[Chapter], house: House, *, write: bool) -> list[Path]:
    """Put new prose and set-up cells into the notebooks, keep outputs; returns what differs.

    Raises
    ------
    Refused
        Where the code changed: its outputs have to be made again.
    """
    changed, refusals = [], []
    files = wanted(chapters, house)
    sources = {chapter.name: chapter for chapter in chapters}
    for path, notebook in files.items():
        file = path.relative_to(house.root).as_posix()
        if not path.exists():
            refusals.append(Refusal(file, None, "not executed yet; run `make notebooks`"))
            continue
        old = notebooks.read(path)
        before, after = notebooks.sources(old), notebooks.sources(notebook)
        if before != after:
            first = next(
                (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
                min(len(before), len(after)),
            )
            reason = f"the chapter's code changed (from code cell {first + 1}); `make notebooks`"
            refusals.append(Refusal(file, None, reason))
            continue
        refusals += live.check_live(sources[path.stem], old)
        text = notebooks.as_text(notebooks.carry(old, notebook))
        if text != path.read_text("utf-8"):
            changed.append(path)
            if write:
                write_if_changed(path, text)
    for language in LANGUAGES:
        for path in sorted((house.root / "book" / language).glob("*.ipynb")):
            if path not in files:
                reason = "no chapter makes this notebook; delete it"
                refusals.append(Refusal(path.relative_to(house.root).as_posix(), None, reason))
    if refusals:
        raise Refused(list(dict.fromkeys(refusals)))
    return changed


def made_from(notebook, house: House) -> str:
    """Hash of everything that can change a notebook's outputs: its code, the package, its data.

    The front end of live figures is not in it: a notebook stores nothing of that.
    """
    package = sorted((house.root / "cbam_teach").rglob("*"))
    files = [path for path in package if path.suffix in MAKES]
    files += [path for path in [house.root / "book" / "claims.yml"] if path.exists()]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return digest("\n".join([*code, *(sha256(path.read_bytes()).hexdigest() for path in files)]))
