"""How a report looks: numbers, the table in text, the table in HTML."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from cbam_teach.language import say

if TYPE_CHECKING:
    from cbam_teach.doctor.report import Finding, Report

WIDE = 100  # columns of the table in text, at most
SIGNS = {"passed": "✓", "failed": "✗", "remark": "!", "not applicable": "–"}
# A wash of colour that leaves light and dark pages readable; the sign and the word say it too.
WASH = {
    "passed": "transparent",
    "failed": "rgba(200, 80, 10, 0.22)",
    "remark": "rgba(224, 168, 0, 0.20)",
    "not applicable": "transparent",
}


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: tuples as lists, numbers that are not finite as text."""
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def shown(value: Any, most: int = 4) -> str:
    """Return a value for reading: three digits, a shape in brackets, ``most`` names of a list.

    What is only rounding is not shown digit by digit: it differs from machine to machine.
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return "<1e-6" if 0 < abs(value) < 1e-6 else f"{value:.3g}"
    if not isinstance(value, tuple | list):
        return str(value)
    if value and all(isinstance(part, int) for part in value):
        inside = ", ".join(map(str, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    left = [f"… +{len(value) - most}"] if len(value) > most else []
    return ", ".join([*(shown(part) for part in value[:most]), *left]) or "–"


def label(name: str) -> str:
    """Return the words for a kind of evidence."""
    return say(f"doctor.evidence.{name}")


def measured(finding: Finding) -> list[str]:
    """Return each piece of evidence with its label."""
    places = {"place": lambda place: say(f"doctor.place.{place}")}
    return [
        f"{label(name)} {places.get(name, shown)(value)}"
        for name, value in finding.evidence.items()
    ]


def status(finding: Finding) -> str:
    """Return the status as a word."""
    return say(f"doctor.status.{finding.status.replace(' ', '_')}")


def verdict(report: Report) -> str:
    """Return in one line which checks failed, and which only remark on something."""
    number, names = len(report.findings), ", ".join(report.failed)
    said = say("doctor.ok", all=number)
    if report.failed:
        said = say("doctor.failed", all=number, count=len(report.failed), names=names)
    if report.remarks:
        said = say("doctor.remarked", verdict=said, names=", ".join(report.remarks))
    return said


def heading(report: Report) -> str:
    """Return which block was examined, with what, and where its attention is."""
    wanted, found = (say(f"doctor.place.{place}") for place in (report.placement, report.found))
    attention = ", ".join(report.attention) or "–"
    return say(
        "doctor.title", block=report.block, shape=shown(report.shape), attention=attention,
        placement=wanted, found=found,
    )  # fmt: skip


def text(report: Report) -> str:
    """Return the table, then a sentence and a cure for all that is not in order."""
    rows = [(SIGNS[f.status], f.id, status(f), measured(f)) for f in report.findings]
    wide_id, wide_status = (max((len(row[i]) for row in rows), default=0) for i in (1, 2))
    left = WIDE - 1 - wide_id - wide_status - 5
    lines = [*textwrap.wrap(heading(report), WIDE), *textwrap.wrap(verdict(report), WIDE), ""]
    for sign, id, word, evidence in rows:
        line = f"{sign} {id:<{wide_id}}  {word:<{wide_status}}  {fitted(evidence, left)}"
        lines.append(line.rstrip())
    for finding in report.findings:
        if cure := finding.cure():
            lines += ["", *indented(f"{SIGNS[finding.status]} {finding.id}: ", finding.sentence())]
            lines += indented("  → ", cure)
    return "\n".join(lines)


def indented(start: str, said: str) -> list[str]:
    """Return a text as lines, the first with its start, the rest set in."""
    return textwrap.wrap(
        said, WIDE, initial_indent=start, subsequent_indent="    ", break_on_hyphens=False
    )


def fitted(parts: list[str], wide: int) -> str:
    """Join as many parts as fit, with … for the rest; a first part too long is cut."""
    line = " · ".join(parts)
    kept = len(parts)
    while kept > 1 and len(line) > wide:
        kept -= 1
        line = " · ".join([*parts[:kept], "…"])
    return line if len(line) <= wide else line[: wide - 1] + "…"


def coded(said: str) -> str:
    """Return a sentence for HTML, with what stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(said))


def html(report: Report) -> str:
    """Return the table for a notebook: it reads in light and dark, and aloud."""
    cell = "text-align:left;vertical-align:top;padding:0.3em 0.6em;color:inherit;"
    cell += "white-space:normal;border-bottom:1px solid rgba(128, 128, 128, 0.45)"
    names = [say(f"doctor.column.{name}") for name in ("check", "status", "evidence", "seen")]
    head = "".join(f'<th scope="col" style="{cell}">{escape(name)}</th>' for name in names)
    rows = []
    for finding in report.findings:
        said = coded(finding.sentence())
        if cure := finding.cure():
            said += f"<br><strong>{escape(say('doctor.cure'))}</strong> {coded(cure)}"
        sign = f'<span aria-hidden="true">{SIGNS[finding.status]}</span>'
        rows.append(
            f'<tr style="background:{WASH[finding.status]}">'
            f'<th scope="row" style="{cell}"><code>{escape(finding.id)}</code></th>'
            f'<td style="{cell}">{sign}&nbsp;{escape(status(finding))}</td>'
            f'<td style="{cell}">{"<br>".join(map(escape, measured(finding)))}</td>'
            f'<td style="{cell};min-width:16em">{said}</td></tr>'
        )
    caption = f"{escape(heading(report))}<br><strong>{escape(verdict(report))}</strong>"
    return (
        f'<div role="region" tabindex="0" lang="{report.language}" '
        f'aria-label="{escape(say("doctor.region", block=report.block))}" style="overflow-x:auto">'
        '<table style="border-collapse:collapse;color:inherit;background:transparent">'
        f'<caption style="text-align:left;color:inherit;padding:0.3em 0.6em">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
