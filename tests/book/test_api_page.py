"""The page of the package's names: whole, as the source says it, and refused where it is not."""

from __future__ import annotations

import re

import pytest
import yaml
from builder.book import checked_book
from builder.faces import Myst, Plain
from builder.house import LANGUAGES, House, Refused

from .conftest import TITLE, code, pair

BLOCK = '''"""A block."""
from dataclasses import dataclass


class Base:
    """No parameters of its own."""


class Block(Base):
    """Multiply `Options` by x_1 * 2, in [0, 1].

    - one
      line;
    - ``two`` **bold** lines.

    >>> Block(3)

    ===  =====
    one  two
    ===  =====
    a_b  c, d
    ===  =====

    Args:
        width, depth: how wide,
            and how deep:

            - as *much* as that;
        act: a word.

        A line of its own.

    Raises:
        ValueError: sometimes.

    After all parts.
    """

    def __init__(self, width: int, /, depth: "int" = 2, *more: int, act: str = 'relu', **kw):
        pass

    def forward(self, x):
        """Not shown."""

    def weigh(self, x):
        """Weigh x.

        At length.
        """

    @property
    def size(self):
        """How large."""


class Narrow(Block):
    """As its parent."""


@dataclass
class Few:
    """A field."""

    one: int


@dataclass
class Options(Few):
    """Fields."""

    two: int = field(default=2, compare=False)


#: A table.
#: Of two lines.
TABLE: dict[str, int] = {}
WORDS = ('a', 'b')


def silent(x):
    return x


def run(a, b=1, *, c: int) -> "tuple[int, ...]":
    """Run."""
'''
INIT = '''"""All."""
__version__ = "0.1.0"
from cbam_teach.block import Block as Brick, run
__all__ = ["Brick", "run"]
'''
GROUP = {"label": "api-all", "tr": {"title": "Hepsi", "text": "Bütün adlar."}}
GROUP |= {"en": {"title": "All", "text": "All names."}}
LISTED = {f"cbam_teach.block.{name}": None for name in ("Base", "Narrow", "Options", "TABLE")}
LISTED |= {"cbam_teach.Brick": "01_a", "cbam_teach.run": None}
LINK = "[Brick](api.md#api-brick)"
PAGE = pair("# Adlar\n\n:::{api}\n:::", "# Names\n\n:::{api}\n:::")


@pytest.fixture
def house(build_house):
    def make(folder="house", names=LISTED, block=BLOCK, link=LINK) -> House:
        chapter = TITLE + code("x = 1")
        made = build_house(
            folder, **{"index": TITLE + pair(link, link), "01_a": chapter, "api": PAGE}
        )
        (made.root / "cbam_teach" / "__init__.py").write_text(INIT, "utf-8")
        (made.root / "cbam_teach" / "block.py").write_text(block, "utf-8")
        text = yaml.safe_dump([GROUP | {"names": names}], allow_unicode=True)
        (made.root / "book" / "api.yml").write_text(text, "utf-8")
        return made

    return make


def page(made: House, face=Myst, language="en") -> str:
    return face(made, language, checked_book(made)).render(":::{api}\n:::")


def test_an_entry_says_what_the_source_says(house):
    text = page(house())
    brick = text[text.index("(api-brick)=") : text.index("(api-run)=")]
    call = 'width: int, /, depth: "int" = 2, *more: int, act: str = "relu", **kw'
    assert f"### Brick\n\n```python\ncbam_teach.Brick({call})\n```" in brick
    assert r"Multiply [`Options`](#api-block-options) by x\_1 \* 2, in \[0, 1\]." in brick
    assert "- one line;\n- `two` **bold** lines." in brick
    assert "```python\n>>> Block(3)\n```" in brick
    assert "| one | two |\n| --- | --- |\n| a\\_b | c, d |\n\n**Arg" in brick
    assert "**Arguments**\n\n- `width`, `depth`: how wide, and how deep:\n\n  - as " in brick
    assert "\n- `act`: a word.\n" in brick
    assert "A line of its own." in brick.partition("- `act`")[2]
    assert "**Raises**\n\n- `ValueError`: sometimes.\n\nAfter all parts." in brick
    assert "- `weigh()`: Weigh x.\n- `size`: How large." in brick
    assert "Not shown" not in brick
    assert "**Explained in:** [1. Title](/01_a.ipynb) · *Source:* [cbam_teach/block.py](" in brick


def test_constants_fields_parents_and_functions(house):
    text = page(house())
    assert "```python\ncbam_teach.block.Base\n```" in text
    assert "cbam_teach.block.Narrow(\n    width: int,\n    /,\n" in text
    assert "cbam_teach.block.Options(one: int, two: int = 2)" in text
    assert "cbam_teach.block.TABLE: dict[str, int]\n```\n\nA table. Of two lines." in text
    assert 'cbam_teach.run(a, b=1, *, c: int) -> "tuple[int, ...]"' in text


def test_english_is_marked_on_the_turkish_page_and_only_there(house):
    made = house()
    turkish, english = (page(made, language=language) for language in LANGUAGES)
    assert "## Hepsi\n\nBütün adlar." in turkish
    assert '**Argümanlar**\n\n<div lang="en">\n\n- `width`' in turkish
    assert turkish.count('<div lang="en">') == turkish.count("</div>") > 8
    assert "<div" not in english
    prose = re.sub(r'<div lang="en">.*?</div>|```.*?```|`.*?`', "", turkish, flags=re.S)
    assert "Multiply" not in prose
    assert "/tr/api.html#api-block-options" in page(made, Plain, "tr")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"block": BLOCK.replace('"""Run."""', "pass")}, "no docstring: cbam_teach.run"),
        ({"block": BLOCK.replace("#: Of two lines.", "")}, "no docstring: cbam_teach.block.TABLE"),
        ({"block": BLOCK.replace("Raises:", "Warns:")}, "no word for its section Warns"),
        ({"names": LISTED | {"cbam_teach.block.silent": None}}, "docstring: .*silent"),
        ({"names": LISTED | {"cbam_teach.block.lost": None}}, "no lost in cbam_teach/block.py"),
        ({"names": LISTED | {"cbam_teach.gone.x": None}}, "there is no module cbam_teach.gone"),
        ({"names": LISTED | {"cbam_teach.run": "77_no"}}, "77_no, which neither stands nor"),
        ({"names": {k: v for k, v in LISTED.items() if "run" not in k}}, "run is public and in no"),
        ({"link": "[Lost](api.md#api-lost)"}, "#api-lost, which is no label"),
    ],
)
def test_what_is_not_whole_is_refused(house, change, reason):
    with pytest.raises(Refused, match=reason):
        checked_book(house(**change))


def test_two_names_with_one_address_are_refused(house):
    block = BLOCK + "\n\nclass RUN:\n    '''Run.'''\n"
    names = LISTED | {"cbam_teach.block.run": None, "cbam_teach.block.RUN": None}
    with pytest.raises(Refused, match="would have the same address"):
        checked_book(house(names=names, block=block))
    block = BLOCK.replace("class Narrow", "class All")
    names = {name.replace("Narrow", "All"): at for name, at in LISTED.items()}
    made = house("all", names=names, block=block)
    text = (made.root / "book" / "api.yml").read_text("utf-8")
    (made.root / "book" / "api.yml").write_text(text.replace("api-all", "api-block-all"), "utf-8")
    with pytest.raises(Refused, match="All and the group api-block-all would have the same"):
        checked_book(made)
