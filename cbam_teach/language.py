"""The words that code shows, in the reader's language.

Labels, reports and error messages are kept in ``words.toml``, one table per key, one line
per language. Code asks for a key: ``say("plots.row")``.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from string import Formatter

LANGUAGES = ("tr", "en")

_current = "en"

# What PyTorch says when it refuses, and the key under which we say it in our own words.
_KNOWN = (
    (r"size of tensor a \((?P<a>\d+)\) must match the size of tensor b \((?P<b>\d+)\) "
     r"at non-singleton dimension (?P<axis>\d+)", "error.known.broadcast"),
    (r"to have (?P<wanted>\d+) channels, but got (?P<given>\d+) channels",
     "error.known.channels"),
    (r"running_mean should contain (?P<given>\d+) elements not (?P<wanted>\d+)",
     "error.known.norm"),
    (r"shapes cannot be multiplied \((?P<a>\d+x\d+) and (?P<b>\d+x\d+)\)",
     "error.known.matrix"),
    (r"Sizes of tensors must match except in dimension (?P<axis>\d+)", "error.known.cat"),
    (r"expected Tensor as element (?P<index>\d+) in argument 0", "error.known.not_tensor"),
    (r"modified by an inplace operation", "error.known.inplace"),
    (r"(should be the same|expected .*scalar type|expected m1 and m2 to have the same dtype)",
     "error.known.type"),
    (r"Expected more than 1 value per channel when training", "error.known.one_value"),
    (r"multiple values for argument '(?P<name>\w+)'", "error.known.twice"),
    (r"unexpected keyword argument '(?P<name>\w+)'", "error.known.keyword"),
)  # fmt: skip


@cache
def words() -> dict[str, dict[str, str]]:
    """Return the whole catalogue: key -> language -> text."""
    return tomllib.loads(files("cbam_teach").joinpath("words.toml").read_text("utf-8"))


def set_language(language: str) -> None:
    """Choose the language of every later message.

    Args:
        language: ``"tr"`` or ``"en"``.

    Raises:
        ValueError: for any other word.
    """
    global _current
    if language not in LANGUAGES:
        raise problem(ValueError, "error.language", given=repr(language), allowed=list(LANGUAGES))
    _current = language


def get_language() -> str:
    """Return the language in use, ``"en"`` until somebody chooses."""
    return _current


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Say everything inside the ``with`` block in a language, then go back to the one before.

    Args:
        language: ``"tr"`` or ``"en"``; None keeps the language in use.

    Raises:
        ValueError: for any other word.
    """
    before = get_language()
    if language is not None:
        set_language(language)
    try:
        yield
    finally:
        set_language(before)


def say(key: str, /, **values: object) -> str:
    """Return the text of a key in the current language, its placeholders filled.

    Args:
        key: a table of ``words.toml``, such as ``"plots.row"``.
        values: one value for each placeholder of the text, no more and no fewer.

    Raises:
        ValueError: when the key is unknown or the values are not the placeholders.
    """
    if key not in words():
        near = difflib.get_close_matches(str(key), words(), n=3) or ["words.toml"]
        raise problem(ValueError, "error.key", given=repr(key), allowed=near)
    text = words()[key][_current]
    names = placeholders(text)
    if names != set(values):
        raise problem(
            ValueError, "error.values", key=key, given=sorted(values), allowed=sorted(names)
        )
    return text.format(**values)


def written(number: float, form: str) -> str:
    """Return ``format(number, form)`` as the current language writes it: 1.234,5 in Turkish."""
    text = format(number, form)
    return text.translate(str.maketrans(",.", ".,")) if _current == "tr" else text


def placeholders(text: str) -> set[str]:
    """Return the names in braces: ``"{a} × {b}"`` has ``{"a", "b"}``."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def problem(
    kind: type[Exception], key: str, /, *, given: object, allowed: object, **values: object
) -> Exception:
    """Build an exception that says what was asked, what was given, what is allowed.

    Args:
        kind: the class of the exception.
        key: the key of the first part, the sentence that says what was asked.
        given: what the caller passed, already fit for reading.
        allowed: what would have been accepted; a list is joined with commas.
        values: placeholders of the first part.
    """
    if isinstance(allowed, list):
        allowed = ", ".join(str(item) for item in allowed) or "–"
    if isinstance(given, list):
        given = ", ".join(str(item) for item in given) or "–"
    asked = say(key, **values)
    error = kind(say("error.parts", asked=asked, given=given, allowed=allowed))
    error.in_our_words = True  # type: ignore[attr-defined]
    return error


def error_line(error: BaseException, key: str | None = None, /, **values: object) -> str:
    """Return one line: the class of an exception and what happened, in our own words.

    PyTorch's own messages change between versions and devices, so they are never quoted:
    those of this package are kept, the well-known ones are said again, and for the rest
    the caller may name a key.

    Args:
        error: the exception that was caught.
        key: a key of ``words.toml`` that says what happened; without it, it is looked up.
        values: placeholders of that key.
    """
    name = type(error).__name__
    if key is not None:
        return f"{name}: {say(key, **values)}"
    if getattr(error, "in_our_words", False):
        return f"{name}: {error}"
    for pattern, known in _KNOWN:
        if found := re.search(pattern, str(error)):
            return f"{name}: {say(known, **found.groupdict())}"
    return f"{name}: {say('error.known.other')}"
