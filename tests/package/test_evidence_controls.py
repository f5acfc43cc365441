"""What masks are compared with: brightness, the middle, and the class activation map."""

import math

import pytest
import torch
from torch import nn

from cbam_teach import SimpleCNN
from cbam_teach.evidence import pointing_game
from cbam_teach.mask_controls import brightness, centre_prior, class_activation
from cbam_teach.models import MiniResNet


def test_brightness_on_paper():
    image = torch.tensor([[[0.0, 0.2, 0.4, 0.6]] * 2, [[0.6, 0.6, 0.6, 0.6]] * 2, [[0.0] * 4] * 2])
    image[0, 1] += 0.3
    found = brightness(image[None], (2, 2))
    expected = torch.tensor([[0.7, 1.1], [1.0, 1.4]]) / 3
    torch.testing.assert_close(found, expected.view(1, 1, 2, 2))
    assert brightness(torch.rand(3, 3, 9, 12), (3, 4)).shape == (3, 1, 3, 4)
    assert brightness(torch.rand(3, 3, 9, 12), 3).shape == (3, 1, 3, 3)


@pytest.mark.parametrize("size", [(5, 7), (4, 6), (1, 3)])
def test_the_middle_on_paper(size):
    maps = centre_prior(2, size)
    assert maps.shape == (2, 1, *size)
    height, width = size
    for row in range(height):
        for column in range(width):
            v, u = (2 * row + 1 - height) / height, (2 * column + 1 - width) / width
            expected = math.exp(-2 * (u * u + v * v))
            assert maps[1, 0, row, column].item() == pytest.approx(expected, rel=1e-5)
    torch.testing.assert_close(maps, maps.flip(2, 3))
    maps[0] = 0  # each sample's is its own
    assert maps[1].max() > 0.5


def test_the_middle_points_to_the_middle():
    boxes = torch.tensor([[4, 2, 8, 4], [0, 0, 4, 2]])
    assert pointing_game(centre_prior(2, (3, 6)), boxes, (6, 12)) == 0.5


MODELS = {
    "simple": (lambda: SimpleCNN(4), "block2"),
    "plain": (lambda: SimpleCNN(4, attention=None, placement="none"), "block2"),
    "stages": (lambda: MiniResNet(4, blocks=1), "stage3"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_maps_mean_is_its_class_logit(name):
    make, layer = MODELS[name]
    model, images = make(), torch.rand(5, 3, 18, 26)
    modes = [part.training for part in model.modules()]
    predicted = class_activation(model, images, layer, "head.2", batch=2)
    assert [part.training for part in model.modules()] == modes
    assert not any(part._forward_hooks for part in model.modules())
    bias = model.head[2].bias.detach()
    with torch.no_grad():
        logits = model.eval()(images)
    torch.testing.assert_close(predicted.mean((1, 2, 3)) + bias[logits.argmax(1)], logits.amax(1))
    assert predicted.shape[:2] == (5, 1)
    assert predicted.shape[2] < predicted.shape[3]
    asked = torch.tensor([0, 3, 1, 2, 2])
    maps = class_activation(model, images, layer, "head.2", classes=asked, batch=3)
    own = logits[torch.arange(5), asked]
    torch.testing.assert_close(maps.mean((1, 2, 3)) + bias[asked], own)
    assert not torch.allclose(maps.mean((1, 2, 3)) + bias[asked.flip(0)], own, atol=1e-3)


def test_a_class_is_found_where_its_channel_is():
    model = nn.Sequential(nn.Identity(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    with torch.no_grad():
        model[3].weight.copy_(torch.tensor([[1.0, 0, 0], [0, 2, -1]]))
    images = torch.rand(2, 3, 4, 5)
    maps = class_activation(model, images, "0", "3", classes=torch.tensor([0, 1]))
    torch.testing.assert_close(maps[0, 0], images[0, 0])
    torch.testing.assert_close(maps[1, 0], 2 * images[1, 1] - images[1, 2])


class Twisted(nn.Module):
    """Ends almost as it should: with another pooling, or with something after the head."""

    def __init__(self, pool="mean", after="nothing"):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 1), nn.Linear(4, 2)
        self.spare = nn.Linear(4, 2)
        self.pool, self.after = pool, after

    def forward(self, x):
        f = self.conv(x)
        s = f.mean((2, 3)) if self.pool == "mean" else f.amax((2, 3))
        return self.head(s) if self.after == "nothing" else self.head(s).softmax(1)


def test_a_network_of_another_form_is_refused():
    images = torch.rand(2, 3, 4, 5)
    assert class_activation(Twisted(), images, "conv", "head").shape == (2, 1, 4, 5)
    said = r"must end in global average pooling.*`conv`.*Given: .*Allowed: logits = W · mean f \+ b"
    others = [
        (Twisted(pool="max"), "conv", "head"),
        (Twisted(after="softmax"), "conv", "head"),
        (Twisted(), "conv", "spare"),
    ]
    for model, layer, head in others:
        with pytest.raises(ValueError, match=said):
            class_activation(model, images, layer, head)
        assert not any(part._forward_hooks for part in model.modules())
    with pytest.raises(ValueError, match=r"global average.*`stem`.*Given: map \(2, 32, 18, 26\)"):
        class_activation(SimpleCNN(), torch.rand(2, 3, 18, 26), "stem", "head.2")


@pytest.mark.usefixtures("as_released")
def test_what_is_refused():
    images = torch.rand(2, 3, 4, 5)
    with pytest.raises(ValueError, match=r"`layer` must.*Given: 'con'\. Allowed: .*conv, head"):
        class_activation(Twisted(), images, "con", "head")
    with pytest.raises(ValueError, match=r"`head` must.*Given: 'conv'\. Allowed: head, spare"):
        class_activation(Twisted(), images, "conv", "conv")
    with pytest.raises(ValueError, match=r"`classes`.*Given: \(1,\)\. Allowed: \(2,\)"):
        class_activation(Twisted(), images, "conv", "head", classes=torch.tensor([0]))
    with pytest.raises(TypeError, match=r"nn\.Module.*Given: int"):
        class_activation(3, images, "conv", "head")
    with pytest.raises(ValueError, match=r"`images`.*Given: \(3, 4, 5\)\. Allowed: \(N, C, H, W\)"):
        brightness(images[0], 3)
    with pytest.raises(ValueError, match=r"`count` must be at least 1"):
        centre_prior(0, 3)
