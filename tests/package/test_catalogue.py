"""The catalogue of words, and errors said in the reader's language."""

import re

import pytest
import torch
from torch import nn

from cbam_teach import SpatialAttention
from cbam_teach.language import (
    LANGUAGES,
    error_line,
    get_language,
    placeholders,
    say,
    set_language,
    words,
)

TURKISH = set("çğıöşüÇĞİÖŞÜ")
# Turkish words that have lost their dots, as a keyboard without them would write.
BARE = re.compile(
    r"\b(deger|degil|dogru|yanlis|icin|olcek|satir|sutun|evrisim|yanit|girdi[gy]|kosullu|"
    r"ogeleri?|boyutlari|sekil|egitim|agirlik|dis|uc|cikti|carp\w*|birlesim|ortusme)\b"
)


@pytest.mark.parametrize("key", sorted(words()))
def test_every_key_says_the_same_in_both_languages(key):
    text = words()[key]
    assert set(text) == set(LANGUAGES)
    assert all(isinstance(said, str) and said.strip() for said in text.values())
    assert placeholders(text["tr"]) == placeholders(text["en"])
    assert text["tr"].count("$") == text["en"].count("$")
    assert re.search(r"[ a-zçğıöşü]{4}", text["en"]) is None or not (set(text["en"]) & TURKISH)
    assert not BARE.search(text["tr"].replace("I", "ı").lower())


def test_turkish_is_typed_with_its_letters():
    letters = "".join(text["tr"] for text in words().values())
    assert set("çğıöşüİ") <= set(letters)


def test_say_follows_the_language():
    assert get_language() == "en"
    assert say("plots.row") == "row (H)"
    set_language("tr")
    assert say("plots.row") == "satır (H)"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match=r"language must be.*Given: 'de'.*Allowed: tr, en"):
        set_language("de")
    assert get_language() == "en"


def test_an_unknown_key_is_refused_and_a_near_one_named():
    with pytest.raises(ValueError, match=r"key must be.*Given: 'plots.rows'.*Allowed: plots.row"):
        say("plots.rows")


@pytest.mark.parametrize(("values", "given"), [({}, "–"), ({"size": 3, "more": 1}, "more, size")])
def test_values_must_be_the_placeholders(values, given):
    with pytest.raises(ValueError, match=rf"exactly one value.*Given: {given}.*Allowed: size"):
        say("plots.conv", **values)


def test_our_errors_are_said_in_the_readers_language():
    set_language("tr")
    with pytest.raises(ValueError, match=r"tek sayı olmalı.*Verilen: 4.*Kabul edilen: 1, 3") as e:
        SpatialAttention(kernel_size=4)
    assert error_line(e.value) == f"ValueError: {e.value}"


def test_pytorch_is_quoted_in_our_own_words():
    foreign = [
        (lambda: torch.ones(2, 3) * torch.ones(2, 4), "on axis 1, 3 met 4"),
        (lambda: nn.Conv2d(4, 2, 1)(torch.ones(1, 5, 2, 2)), "expects 4 channels and was given 5"),
        (lambda: nn.BatchNorm2d(4)(torch.ones(2, 5, 2, 2)), "for 4 channels and was given 5"),
        (lambda: nn.Linear(4, 2)(torch.ones(3, 5)), "a 3x5 matrix cannot be multiplied by a 4x2"),
        (
            lambda: torch.cat([torch.ones(2, 3), torch.ones(1, 3)], 1),
            "every size but that of axis 1",
        ),
        (lambda: torch.cat([torch.ones(2), torch.ones(2).max(0)]), "the element with index 1"),
        (lambda: nn.BatchNorm2d(4)(torch.ones(1, 4, 1, 1)), "more than one value per channel"),
        (lambda: SpatialAttention(kernels=3), "there is no argument named `kernels`"),
        (lambda: torch.ones(2).view(3), "could not be carried out"),
    ]
    for make, said in foreign:
        with pytest.raises((RuntimeError, TypeError, ValueError)) as caught:
            make()
        line = error_line(caught.value)
        assert line.startswith(f"{type(caught.value).__name__}: ")
        assert said in line
        assert "\n" not in line


def test_a_change_in_place_is_said_in_our_own_words():
    x = torch.ones(2, requires_grad=True)
    y = torch.sigmoid(x)
    y.mul_(2)
    with pytest.raises(RuntimeError) as caught:
        y.sum().backward()
    assert "changed in place" in error_line(caught.value)


def test_the_caller_may_name_the_words():
    line = error_line(RuntimeError("whatever"), "plots.conv", size=3)
    assert line == "RuntimeError: conv 3×3"
