"""The source is shown in the book: documented, annotated, and its shapes checked here."""

import inspect

import jaxtyping
import pytest
import torch
from torch import nn

import cbam_teach
from cbam_teach import (
    CBAM,
    ChannelAttention,
    Mask,
    ResidualBlock,
    Shares,
    SimpleCNN,
    SpatialAttention,
)

NO_OPTIONS = [Mask, Shares]
LAYERS = [ChannelAttention, SpatialAttention, CBAM, ResidualBlock]


@pytest.mark.parametrize("name", cbam_teach.__all__)
def test_what_is_public_is_documented(name):
    thing = getattr(cbam_teach, name)
    if not callable(thing):
        return  # a table: its words stand beside it in the source
    assert inspect.getdoc(thing)
    if inspect.isclass(thing) and thing not in NO_OPTIONS:
        sections = ("Args:", "Raises:", *(["Shape:"] if issubclass(thing, nn.Module) else []))
        for section in sections:
            assert section in thing.__doc__


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_names_its_source_and_how_it_differs(layer):
    assert "Source:" in layer.__doc__
    assert "Relative to the paper:" in layer.__doc__


@pytest.mark.parametrize("layer", [*LAYERS, SimpleCNN])
def test_every_option_is_documented(layer):
    for name in inspect.signature(layer).parameters:
        assert f"        {name}: " in layer.__doc__


def test_the_annotations_are_checked_while_testing():
    class Wrong(SpatialAttention):
        pass

    with pytest.raises(jaxtyping.TypeCheckError):
        Wrong()(torch.zeros(2, 3, 4))
    mask = ChannelAttention(4)
    mask.gate = torch.nn.Flatten(0)  # (B·C, 1, 1): no longer what the annotation promises
    with pytest.raises(jaxtyping.TypeCheckError):
        mask(torch.randn(2, 4, 5, 3))


def test_version_and_all():
    assert cbam_teach.__version__ == "0.1.0"
    assert len(set(cbam_teach.__all__)) == len(cbam_teach.__all__)
    assert all(hasattr(cbam_teach, name) for name in cbam_teach.__all__)
