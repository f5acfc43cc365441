"""A table of cells: means, intervals, differences to one of them, and what they cost."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from cbam_teach.language import get_language, say, speaking
from cbam_teach.plots_data import several
from cbam_teach.results.cells import command, compare, records, summary
from cbam_teach.results.labels import labels, shared_task, task_label
from cbam_teach.statistics import Difference, Interval, holm

WIDE, LABEL = 100, 34  # columns of the table's note in text, and of its labels
CELL = "padding:0.3em 0.6em;color:inherit;border-bottom:1px solid rgba(128, 128, 128, 0.45);"


@dataclass(frozen=True)
class Row:
    """One cell of the experiments.

    Attributes:
        cell: its name; ``label``: its name in the reader's language.
        n: how many seeds.
        accuracy: mean test accuracy, from 0 to 1, and its 95 % interval.
        difference: to the reference, seed by seed; p is corrected after Holm for all
            differences of the table. None for the reference itself, or without one.
        parameters: how many numbers the network learns.
        seconds: of training, mean over the seeds.
    """

    cell: str
    label: str
    n: int
    accuracy: Interval
    difference: Difference | None
    parameters: int
    seconds: float


@dataclass(frozen=True)
class Table:
    """What `table` returns: rows for a program, text for a terminal, HTML for a notebook.

    Attributes:
        rows: one for each cell, in the order asked for.
        against: the name of the reference, or None.
        caption: which task it is about, where it is one, and what is shown.
        note: the command, machines, versions of PyTorch and dates of the runs.
        language: the one of the words.
    """

    rows: tuple[Row, ...]
    against: str | None
    caption: str
    note: str
    language: str

    def __repr__(self) -> str:
        with speaking(self.language):
            body = [head(self), *(written(self, row) for row in self.rows)]
        lines = [line for first, *rest in body for line in folded(first, rest)]
        wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
        aligned = [
            "  ".join([line[0].ljust(wide[0]), *map(str.rjust, line[1:], wide[1:])]).rstrip()
            for line in lines
        ]
        rule = "─" * max(map(len, aligned))
        note = textwrap.wrap(self.note, WIDE, break_on_hyphens=False, break_long_words=False)
        return "\n".join([self.caption, rule, aligned[0], rule, *aligned[1:], rule, *note])

    def _repr_html_(self) -> str:
        with speaking(self.language):
            names, body = head(self), [written(self, row) for row in self.rows]
        start, end = (f"{CELL}text-align:{side};vertical-align:top" for side in ("left", "right"))
        top = "".join(
            f'<th scope="col" style="{end if i else start}">{escape(name)}</th>'
            for i, name in enumerate(names)
        )
        rows = "".join(
            f'<tr style="background:transparent"><th scope="row" style="{start}">{escape(first)}'
            "</th>" + "".join(f'<td style="{end}">{escape(cell)}</td>' for cell in rest) + "</tr>"
            for first, *rest in body
        )
        caption = f"text-align:left;color:inherit;{CELL}border:0"
        return (
            f'<div role="region" tabindex="0" lang="{self.language}" '
            f'aria-label="{escape(self.caption)}" style="overflow-x:auto">'
            '<table style="border-collapse:collapse;color:inherit;background:transparent">'
            f'<caption style="{caption}"><strong>{escape(self.caption)}</strong></caption>'
            f"<thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>"
            f'<p style="font-size:0.85em;padding:0 0.6em">{escape(self.note)}</p></div>'
        )


def table(names: Sequence[str], against: str | None = None) -> Table:
    """Return a table of cells, one row each; the cell ends in it.

    Args:
        names: of the cells.
        against: the cell that the others are compared with, seed by seed; it becomes the first
            row where it is not among ``names``. None: no differences.

    Raises:
        TypeError: for a lone name.
        ValueError: for a cell that has fewer than two seeds, or a pair with fewer in common.
    """
    wanted = several("table", "names", names)
    if against is not None and against not in wanted:
        wanted = [against, *wanted]
    stored = {name: records(name, least=2) for name in wanted}
    rows = [
        Row(
            name, said, len(runs), summary(name), compared(name, against),
            runs[0]["parameters"], sum(run["seconds"] for run in runs) / len(runs),
        )
        for (name, runs), said in zip(stored.items(), labels(wanted), strict=True)
    ]  # fmt: skip
    task = shared_task(wanted)
    return Table(
        tuple(corrected(rows)), against,
        " · ".join([*([task_label(task)] if task else []), say("cells.caption")]),
        note([run for runs in stored.values() for run in runs], wanted), get_language(),
    )  # fmt: skip


def compared(name: str, against: str | None) -> Difference | None:
    """Return the difference of a cell to the reference, if it is another one."""
    return None if against in (None, name) else compare(name, str(against))


def corrected(rows: list[Row]) -> list[Row]:
    """Return the rows with the p values of all their differences corrected after Holm."""
    family = [row.difference.p for row in rows if row.difference]
    left = iter(holm(family) if family else [])
    return [
        replace(row, difference=row.difference._replace(p=next(left))) if row.difference else row
        for row in rows
    ]


def note(runs: list[dict[str, object]], names: list[str]) -> str:
    """Return with what the runs were made, all of it read from their records."""
    seen = {key: sorted({str(run[key]) for run in runs}) for key in ("machine", "torch", "date")}
    first, last = seen["date"][0], seen["date"][-1]
    return say(
        "cells.note", command=command(names), machine="; ".join(seen["machine"]),
        torch=", ".join(seen["torch"]), date=first if first == last else f"{first} – {last}",
    )  # fmt: skip


def head(whole: Table) -> list[str]:
    """Return the columns' names."""
    middle = ["difference", "p"] if whole.against else []
    return [
        say(f"cells.{name}") for name in ("cell", "n", "accuracy", *middle, "parameters", "seconds")
    ]


def written(whole: Table, row: Row) -> list[str]:
    """Return a row as it is read: per cent and points with one decimal."""
    middle = []
    if whole.against:
        d = row.difference
        middle = [ranged(d, "+.1f"), chance(d.p)] if d else ["–", "–"]
    return [
        row.label, str(row.n), ranged(row.accuracy, ".1f"), *middle,
        str(row.parameters), f"{row.seconds:.0f}",
    ]  # fmt: skip


def folded(label: str, rest: list[str]) -> list[list[str]]:
    """Return a row as lines of text: a long label goes on in the lines below."""
    first, *more = textwrap.wrap(label, LABEL, break_long_words=False, break_on_hyphens=False)
    return [[first, *rest], *(["  " + line, *("" for _ in rest)] for line in more)]


def ranged(found: Interval | Difference, form: str) -> str:
    """Return a mean and the ends of its interval in hundredths: ``94.4 [93.0, 95.8]``."""
    mean, low, high = (
        format(round(100 * x, 1) + 0.0, form).replace("-", "−") for x in found[:3]
    )  # fmt: skip
    return f"{mean} [{low}, {high}]"


def chance(p: float) -> str:
    """Return a p value with three decimals."""
    return f"{p:.3f}" if p >= 0.001 else "<0.001"
