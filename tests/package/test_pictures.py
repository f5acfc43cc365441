"""Photographs and CIFAR-10, and what a set of pictures must be."""

import pickle
import sys
from types import ModuleType

import numpy
import pytest
import torch

from cbam_teach import data


def test_the_photographs_are_three_colour_pictures():
    found = data.photographs()
    assert {name: tuple(picture.shape) for name, picture in found.items()} == {
        "china": (3, 427, 640),
        "flower": (3, 427, 640),
        "hopper": (3, 600, 512),
    }
    for picture in found.values():
        assert picture.dtype == torch.float32
        assert 0 <= picture.min() < 0.05
        assert 0.95 < picture.max() <= 1
        assert picture.is_contiguous()


def test_channels_and_rows_are_where_they_belong():
    from sklearn.datasets import load_sample_image

    found = data.photographs()
    pixels = torch.tensor(load_sample_image("china.jpg"))  # (H, W, 3)
    assert torch.equal(found["china"][2, 17, 301], pixels[17, 301, 2] / 255)
    red, _, blue = found["china"][:, :60].mean(dim=(1, 2))
    assert blue > red + 0.05  # the sky is above
    red, _, blue = found["flower"][:, 200:230, 300:340].mean(dim=(1, 2))
    assert abs(red - blue) > 0.1


@pytest.mark.parametrize(("size", "long"), [(96, 144), (45, 67)])
def test_the_shorter_side_is_chosen_and_the_picture_stays(size, long):
    whole, small = data.photographs(), data.photographs(size=size)
    assert small["china"].shape == small["flower"].shape == (3, size, long)
    assert small["hopper"].shape == (3, round(600 * size / 512), size)
    for name, picture in small.items():
        assert picture.dtype == torch.float32
        assert 0 <= picture.min() < picture.max() <= 1
        blocks = torch.nn.functional.adaptive_avg_pool2d(whole[name], (6, 8))
        again = torch.nn.functional.adaptive_avg_pool2d(picture, (6, 8))
        assert (blocks - again).abs().max() < 0.06
        assert (blocks.flip(2) - again).abs().max() > 0.1


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("size", "kind"), [(0, ValueError), (9.5, TypeError), ((9, 9), TypeError)])
def test_a_size_that_is_no_length_is_refused(size, kind):
    with pytest.raises(kind, match="photographs: `size` must be"):
        data.photographs(size=size)


@pytest.mark.parametrize("package", ["scikit-learn", "matplotlib"])
def test_a_missing_package_is_named_with_the_cure(package, monkeypatch):
    module = {"scikit-learn": "sklearn.datasets", "matplotlib": "matplotlib.cbook"}[package]
    monkeypatch.setitem(sys.modules, module, None)
    cure = f"photographs: the package {package} must.*Allowed: pip install {package}$"
    with pytest.raises(ImportError, match=cure):
        data.photographs(size=16)


def test_digits_without_scikit_learn_name_the_cure(monkeypatch):
    from cbam_teach.digits import source

    source.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"cluttered_digits: the package scikit-learn must"):
        data.cluttered_digits(1, seed=0)
    monkeypatch.undo()
    assert len(data.cluttered_digits(1, seed=0)) == 1


def test_sample_data_left_out_of_matplotlib_is_said(monkeypatch):
    def nothing(name):
        raise FileNotFoundError(name)

    monkeypatch.setattr("matplotlib.cbook.get_sample_data", nothing)
    with pytest.raises(ImportError, match=r"matplotlib must.*Given: FileNotFoundError: grace_hop"):
        data.photographs(size=16)


class Stored:
    """torchvision's CIFAR10 as far as it is used: pixels (N, 32, 32, 3), a list of targets."""

    def __init__(self, root: str, train: bool, download: bool) -> None:
        if root == "empty" and not download:
            raise RuntimeError("Dataset not found or corrupted.")
        if root == "broken":
            raise RuntimeError("File not found or corrupted.")
        count = 4 if train else 2
        self.data = numpy.arange(count * 32 * 32 * 3).reshape(count, 32, 32, 3) % 256
        self.data = self.data.astype(numpy.uint8)
        self.targets = [3, 9, 0, 7][:count]


@pytest.fixture
def torchvision(monkeypatch):
    package, datasets = ModuleType("torchvision"), ModuleType("torchvision.datasets")
    datasets.CIFAR10 = Stored
    monkeypatch.setitem(sys.modules, "torchvision", package)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", datasets)


@pytest.mark.usefixtures("torchvision")
@pytest.mark.parametrize(("train", "count"), [(True, 4), (False, 2)])
def test_cifar10_is_read_with_its_channels_first(train, count, tmp_path):
    made = data.cifar10(tmp_path, train=train)
    assert made.images.shape == (count, 3, 32, 32)
    assert made.images.is_contiguous()
    assert made.labels.tolist() == [3, 9, 0, 7][:count]
    pixels = Stored("", train, False).data
    for n, row, column, channel in [(0, 0, 0, 0), (1, 5, 9, 2), (1, 31, 30, 1)]:
        want = numpy.float32(pixels[n, row, column, channel]) / 255
        assert made.images[n, channel, row, column] == want
    image, label = made[1]
    assert image.shape == (3, 32, 32)
    assert label == 9


@pytest.mark.usefixtures("torchvision")
def test_an_empty_folder_is_said_unless_downloading_is_allowed():
    with pytest.raises(FileNotFoundError, match=r"must hold CIFAR-10.*'empty'.*download=True"):
        data.cifar10("empty", train=True)
    assert len(data.cifar10("empty", train=True, download=True)) == 4
    with pytest.raises(RuntimeError, match=r"^File not found or corrupted"):
        data.cifar10("broken", train=True, download=True)


def test_without_torchvision_the_cure_keeps_this_pytorch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    cure = f"the package torchvision must.*pip install torchvision torch=={torch.__version__}"
    with pytest.raises(ImportError, match=cure.replace("+", r"\+")):
        data.cifar10("anywhere", train=True)


@pytest.mark.parametrize("kind", [RuntimeError, OSError])
def test_a_torchvision_built_for_another_pytorch_is_reported_with_the_cure(
    monkeypatch, tmp_path, kind
):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(f"raise {kind.__name__}('no nms')")
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    monkeypatch.delitem(sys.modules, "torchvision.datasets", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    said = f"torchvision must be installed, and load. Given: {kind.__name__}: no nms. Allowed: pip"
    with pytest.raises(ImportError, match=said) as caught:
        data.cifar10("anywhere", train=True)
    assert type(caught.value.__cause__) is kind


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("options", [{"train": 1}, {"train": True, "download": "no"}])
def test_flags_are_true_or_false(options):
    with pytest.raises(TypeError, match=r"cifar10: `.*` must be True or False"):
        data.cifar10("anywhere", **options)


IMAGES, LABELS = torch.zeros(2, 3, 5, 7), torch.tensor([1, 0])
BOXES, MASKS = torch.zeros(2, 4).long(), torch.zeros(2, 1, 5, 7).bool()
WRONG = [
    ({"images": IMAGES[:, :1]}, ValueError, r"`images` must.*\(2, 1, 5, 7\).*\(N, 3, H, W\)"),
    ({"images": [0.5]}, TypeError, r"`images` must.*Given: list. Allowed: \(N, 3, H, W\), torch"),
    ({"images": torch.tensor(0.5)}, ValueError, r"`images` must.*Given: \(\), torch.float32"),
    ({"labels": [1, 0]}, TypeError, r"`labels` must.*Given: list. Allowed: \(2,\), torch.int64"),
    ({"labels": torch.tensor(1)}, ValueError, r"`labels` must.*Given: \(\), torch.int64"),
    ({"masks": None}, TypeError, r"`masks` must.*Given: NoneType"),
    ({"images": IMAGES[0]}, ValueError, r"`images` must.*Given: \(3, 5, 7\)"),
    ({"images": IMAGES.double()}, TypeError, r"`images` must.*float64.*torch.float32"),
    ({"labels": LABELS[:1]}, ValueError, r"`labels` must.*Given: \(1,\).*Allowed: \(2,\), torch"),
    ({"labels": LABELS.int()}, TypeError, r"`labels` must.*int32.*torch.int64"),
    ({"boxes": BOXES[:, :3]}, ValueError, r"`boxes` must.*\(2, 3\).*\(2, 4\)"),
    ({"masks": MASKS[..., :6]}, ValueError, r"`masks` must.*\(2, 1, 5, 6\).*\(2, 1, 5, 7\)"),
    ({"masks": MASKS.float()}, TypeError, r"`masks` must.*torch.float32.*torch.bool"),
]


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("change", "kind", "said"), WRONG)
def test_a_set_that_does_not_fit_together_is_refused(change, kind, said):
    right = {"images": IMAGES, "labels": LABELS, "boxes": BOXES, "masks": MASKS}
    assert len(data.Digits(**right)) == 2
    with pytest.raises(kind, match=said):
        data.Digits(**right | change)


def test_a_set_survives_the_way_to_a_worker():
    made = pickle.loads(pickle.dumps(data.Pictures(IMAGES, LABELS)))
    assert torch.equal(made.images, IMAGES)
    with pytest.raises(AttributeError):
        made.images = IMAGES
