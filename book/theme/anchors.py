"""Anchors that are the same in both editions, so that the language switch keeps the place.

Sphinx names a section after its heading, which differs from language to language. Here a labelled
section is named by its label, the page's first section "top", and any other by its parent's name
and its place there.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


class SameAnchors(SphinxTransform):
    default_priority = 700  # after docutils has handed each label to its section (260)

    def apply(self, **kwargs) -> None:
        labels = {
            target.get("refid") or (target["ids"] or [""])[0]
            for target in self.document.findall(nodes.target)
        }
        for section in self.document.children:
            if isinstance(section, nodes.section):
                self.name(section, "top", labels)

    def name(self, section: nodes.section, default: str, labels: set[str]) -> None:
        own = [label for label in section["ids"] if label in labels]
        name = own[0] if own else default
        section["ids"] = [name, *(known for known in section["ids"] if known != name)]
        self.document.ids.setdefault(name, section)
        for number, child in enumerate(section.findall(self.is_child_of(section)), start=1):
            self.name(child, f"{name}-{number}", labels)

    @staticmethod
    def is_child_of(parent: nodes.section):
        return lambda node: isinstance(node, nodes.section) and node.parent is parent


def setup(app: Sphinx) -> None:
    app.add_transform(SameAnchors)
