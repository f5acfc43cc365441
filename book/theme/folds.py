"""Folded admonitions (class "dropdown") as <details>, which a browser folds without a script."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import admonitionlabels
from sphinx.transforms.post_transforms import SphinxPostTransform


class Fold(nodes.General, nodes.Element):
    """An admonition that starts closed. Its first child is its title."""


class FoldTitle(nodes.Part, nodes.TextElement):
    """What a closed fold shows."""


class FoldDropdowns(SphinxPostTransform):
    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for node in list(self.document.findall(nodes.Admonition)):
            classes = node.get("classes", [])
            if "dropdown" not in classes and "toggle" not in classes:
                continue
            children = node.children
            if children and isinstance(children[0], nodes.title):
                title, children = children[0].children, children[1:]
            else:
                title = [nodes.Text(str(admonitionlabels[node.tagname]))]
            names = ["admonition", *([] if node.tagname == "admonition" else [node.tagname])]
            names += [name for name in classes if not name.startswith("admonition-")]
            fold = Fold("", FoldTitle("", "", *title), *children, classes=names)
            fold["ids"] = node["ids"]
            node.replace_self(fold)


def visit_fold(self, node) -> None:
    self.body.append(self.starttag(node, "details"))


def depart_fold(self, node) -> None:
    self.body.append("</details>\n")


def visit_title(self, node) -> None:
    self.body.append('<summary class="admonition-title">')


def depart_title(self, node) -> None:
    self.body.append("</summary>\n")


def setup(app: Sphinx) -> None:
    app.add_node(Fold, html=(visit_fold, depart_fold))
    app.add_node(FoldTitle, html=(visit_title, depart_title))
    app.add_post_transform(FoldDropdowns)
