"""Check lists, written as on GitHub ("- [ ] …"), as boxes that a reader can tick."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

OPEN = "[ ] "


class Task(nodes.Part, nodes.TextElement):
    """The text of one item: the label of its box."""


class MakeTasks(SphinxPostTransform):
    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for item in list(self.document.findall(nodes.list_item)):
            text = next(iter(item.findall(nodes.Text)), None)
            if text is None or not text.startswith(OPEN):
                continue
            paragraph = text.parent
            paragraph.replace(text, nodes.Text(text.removeprefix(OPEN)))
            paragraph[:] = [Task("", "", *paragraph.children)]
            item["classes"].append("house-task")


def visit_task(self, node) -> None:
    self.body.append('<label><input type="checkbox" autocomplete="off"><span>')


def depart_task(self, node) -> None:
    self.body.append("</span></label>")


def setup(app: Sphinx) -> None:
    app.add_node(Task, html=(visit_task, depart_task))
    app.add_post_transform(MakeTasks)
