"""The command that trains on an ImageNet folder, on a folder of twenty pictures."""

import json
import re
import tomllib

import pytest
import tiny_pictures
import torch
from tiny_run import Stop
from torch import nn

from cbam_teach import CBAM, SpatialAttention, trace
from cbam_teach.checkpoints import load_weights
from cbam_teach.imagenet import main, make_parser, picture_folders
from cbam_teach.imagenet_recipe import SHIPPED, Network, Squares, read_recipe, released_cbam
from cbam_teach.language import get_language, set_language
from cbam_teach.picture_folder import PictureFolder
from cbam_teach.recipe import Recipe, learning_rate


@pytest.fixture
def pictures(tmp_path):
    return tiny_pictures.make(tmp_path / "pictures")


def arguments(pictures, out, *more):
    return [str(pictures), "--recipe", str(pictures / "tiny.toml"), "--out", str(out), *more]


def refused(capsys, *words) -> str:
    """Run the command; return its last words, which end it with status 2."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_one_epoch_and_its_resumption_end_to_end(pictures, tmp_path, capsys, monkeypatch):
    plan = pictures / "tiny.toml"
    plan.write_text(plan.read_text().replace("epochs = 1", "epochs = 2"))
    assert main(arguments(pictures, tmp_path / "whole", "--device", "cpu")) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in said[:2]] == ["epoch 1/2", "epoch 2/2"]
    assert said[2].startswith("best validation accuracy ")
    assert said[2].endswith("best.pt")

    def set_epoch(self, epoch):
        self.epoch = epoch
        if epoch == 1:
            raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(PictureFolder, "set_epoch", set_epoch)
        with pytest.raises(Stop):
            main(arguments(pictures, tmp_path / "cut", "--quiet"))
    assert capsys.readouterr().out == ""
    assert main(arguments(pictures, tmp_path / "cut", "--language", "tr")) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "dönem 1/2 bitmişti, oradan sürüyor"
    assert said[-1].startswith("en iyi geçerleme doğruluğu ")
    whole, cut = (
        torch.load(tmp_path / name / "last.pt", weights_only=True)["model"]
        for name in ("whole", "cut")
    )
    assert all(torch.equal(whole[key], cut[key]) for key in whole)
    table = json.loads((tmp_path / "cut" / "history.json").read_text())
    assert [epoch["number"] for epoch in table["epochs"]] == [1, 2]
    assert table["samples"] == [10, 6]
    load_weights(read_recipe(str(plan)).network.build(2, seed=1), tmp_path / "cut" / "best.pt")
    plan.write_text(plan.read_text().replace("lr = 0.02", "lr = 0.04"))
    words = refused(capsys, *arguments(pictures, tmp_path / "cut"))
    assert "Given: lr=0.04. Allowed: lr=0.02" in words


def test_the_recipe_in_the_package_is_the_papers():
    plan = read_recipe("imagenet_cbam_resnet50")
    assert plan.network == Network(depth=50, attention="cbam", stride_on="1x1")
    assert plan.pictures == Squares(size=224, short_side=256)
    assert plan.training == Recipe(
        epochs=90, batch_size=256, lr=0.1, momentum=0.9, weight_decay=1e-4,
        schedule="step", milestones=(30, 60), gamma=0.1,
    )  # fmt: skip
    rates = [learning_rate(plan.training, epoch * 5, 5) for epoch in (0, 29, 30, 59, 60, 89)]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_the_networks_are_the_papers_and_a_seed_makes_them():
    """Parameters in millions, as in the paper's table: 28.09, 28.09 and 25.56."""
    sizes = {}
    for attention in ("cbam", "se", "none"):
        net = Network(50, attention, "1x1").build(1000, seed=0)
        sizes[attention] = sum(p.numel() for p in net.parameters()) / 1e6
    assert {name: f"{size:.2f}" for name, size in sizes.items()} == {
        "cbam": "28.09", "se": "28.09", "none": "25.56"
    }  # fmt: skip
    one, two, three = (Network(18).build(2, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(one.layer4[1].conv2.weight, two.layer4[1].conv2.weight)
    assert not torch.equal(one.layer4[1].conv2.weight, three.layer4[1].conv2.weight)


def test_the_attention_is_the_authors():
    net = Network(18).build(2, seed=0)
    parts = [module for module in net.modules() if isinstance(module, CBAM)]
    assert len(parts) == 8
    with trace(net) as masks:
        net.eval()(torch.randn(2, 3, 40, 50))
    spatial = [mask for name, mask in masks.items() if name.endswith("spatial.mask")]
    assert len(spatial) == 8
    assert all(torch.equal(mask, torch.full_like(mask, 0.5)) for mask in spatial)
    one = released_cbam(8)
    assert [p.shape[0] for p in one.channel.mask.mlp.parameters()] == [1, 1, 8, 8]
    assert not one.channel.mask.mlp[0].bias.any()
    assert one.channel.mask.mlp[0].weight.any()
    assert one.spatial.mask.norm.momentum == 0.01
    assert isinstance(one.spatial.mask.norm, nn.BatchNorm2d)
    convs = torch.stack([released_cbam(8).spatial.mask.conv.weight for _ in range(40)])
    assert convs.std().item() == pytest.approx((2 / 49) ** 0.5, rel=0.06)
    assert SpatialAttention().conv.weight.std() < 0.1, "PyTorch's own start is another"


def test_train_and_val_are_seen_as_they_should_be(pictures):
    train_set, held_out = picture_folders(pictures, Squares(32, 36), seed=0)
    assert train_set.classes == held_out.classes == ["columns", "rows"]
    assert (len(train_set), len(held_out)) == (10, 6)
    first, again = train_set[0][0], train_set[0][0]
    train_set.set_epoch(1)
    assert torch.equal(first, again)
    assert not torch.equal(first, train_set[0][0])
    before = held_out[3]
    held_out.set_epoch(1)
    assert torch.equal(before[0], held_out[3][0])
    assert (before[1], held_out[2][1]) == (1, 0)


def test_wrong_folders_are_refused(pictures, tmp_path, capsys):
    def said(folder):
        plan = pictures / "tiny.toml"
        return refused(capsys, folder, "--recipe", plan, "--out", tmp_path / "out", "--quiet")

    assert "one folder for each class. Given: " in said(tmp_path / "nowhere")
    (tmp_path / "empty" / "train").mkdir(parents=True)
    assert "Allowed: " in said(tmp_path / "empty")
    (pictures / "val" / "rows").rename(pictures / "val" / "lines")
    assert "must hold the same classes. Given: lines, rows. Allowed: columns, rows" in said(
        pictures
    )
    (pictures / "val" / "lines").rename(pictures / "val" / "rows")
    broken = pictures / "val" / "rows" / "2.JPEG"
    broken.write_bytes(broken.read_bytes()[:900])
    assert f"picture must be readable: {broken}. Given: OSError. Allowed: .jpeg" in said(pictures)
    broken.write_text("no picture")
    assert f"readable: {broken}. Given: UnidentifiedImageError" in said(pictures)
    for path in (pictures / "train" / "rows").iterdir():
        path.unlink()
    (pictures / "train" / "rows" / "notes.txt").write_text("no picture")
    assert "at least one picture. Given: " in said(pictures)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("depth = 18", "depht = 18"), "Recipe, [network]: only known keys may be given."
         " Given: depht. Allowed: depth, attention, stride_on"),
        (("depth = 18", ""), "Recipe, [network]: every key that is needed must be given."),
        (("[pictures]", "[squares]"), "Recipe, tiny.toml: only known keys may be given."
         " Given: squares. Allowed: network, pictures, training"),
        (('"cbam"', '"bam"'), "`attention` must be one of the choices. Given: 'bam'."),
        (("lr = 0.02", "lr = 0"), "Recipe: `lr` must be finite and within its range. Given: 0."),
        (("short_side = 36", "short_side = 31"), "`short_side` must be at least 32. Given: 31."),
        (("depth = 18", "depth = 19"), "Given: 19. Allowed: 18, 34, 50, 101"),
        (("[training]", "[training"), "must be valid TOML: "),
    ],
)  # fmt: skip
def test_wrong_recipes_are_refused(pictures, tmp_path, capsys, change, said):
    plan = pictures / "tiny.toml"
    plan.write_text(plan.read_text().replace(*change))
    words = refused(capsys, pictures, "--recipe", plan, "--out", tmp_path / "out")
    assert said in words
    assert not (tmp_path / "out").exists()


def test_an_unknown_recipe_is_refused_and_the_known_are_named(pictures, tmp_path, capsys):
    words = refused(capsys, pictures, "--recipe", "resnet", "--out", tmp_path / "out")
    assert "Given: 'resnet'. Allowed: imagenet_cbam_resnet50, ….toml" in words
    words = refused(capsys, pictures, "--recipe", "none.toml", "--out", tmp_path / "out")
    assert "The recipe must be a file that can be read. Given: none.toml" in words


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "one folder a class"), ("tr", "yarıda kalan eğitimi sürdürür")],
)
def test_the_help_is_in_the_readers_language(language, said):
    text = " ".join(make_parser(["--language", language]).format_help().split())
    assert said in text
    assert "torchrun --nproc-per-node 4 -m cbam_teach.imagenet" in text
    assert "imagenet_cbam_resnet50" in text


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((7,), "Given: 7. Allowed: 18, 34, 50, 101"),
        ((18, "x"), "`attention` must be one of the choices. Given: 'x'"),
        ((50, "cbam", "2x2"), "Given: '2x2'. Allowed: 3x3, 1x1"),
        ((18, "cbam", "1x1"), "Given: stride_on='1x1'"),
    ],
)
def test_a_network_that_cannot_be_built_is_refused_at_once(options, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Network(*options)


def test_a_loss_that_is_not_finite_is_no_wrong_argument(pictures, tmp_path, capsys, monkeypatch):
    nan = float("nan")
    monkeypatch.setattr("cbam_teach.trainer.Trainer.evaluate", lambda *_: (nan, 0.5))
    assert main(arguments(pictures, tmp_path / "out", "--quiet")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The loss of epoch 1 must stay finite")


def test_the_callers_language_is_used_and_kept(pictures, tmp_path, capsys):
    set_language("tr")
    words = [str(tmp_path), "--out", str(tmp_path), "--recipe", "none"]
    assert "paketteki bir tarifin adı" in refused(capsys, *words)
    assert "name of one in the package" in refused(capsys, *words, "--language", "en")
    assert get_language() == "tr"


def test_every_shipped_recipe_is_read():
    paths = sorted(SHIPPED.glob("*.toml"))
    assert paths
    for path in paths:
        assert (
            read_recipe(path.stem).training.epochs
            == tomllib.loads(path.read_text("utf-8"))["training"]["epochs"]
        )
