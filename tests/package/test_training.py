"""The training loop on a CPU: what it computes, and that a stopped run ends like any other."""

import json
import os

import pytest
import torch
from tiny_run import HELD_OUT, TRAIN, Stop, Stopping, model, recipe, run, same, samples
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import IterableDataset, TensorDataset

from cbam_teach import language
from cbam_teach.checkpoints import load_weights
from cbam_teach.progress import EVERY, Progress, duration
from cbam_teach.training import Epoch, fit


def test_one_step_is_the_textbooks(tmp_path):
    """A whole epoch in one batch: loss, gradient step with decay, and both accuracies."""
    torch.manual_seed(1)
    net = nn.Sequential(nn.Flatten(), nn.Linear(105, 2)).double()
    x, y = samples(8).tensors
    x = x.double()
    logits = net(x)
    loss = 0.9 * cross_entropy(logits, y) - 0.1 * logits.log_softmax(1).mean()
    loss.backward()
    wanted = [p.detach() - 0.1 * (p.grad + 1e-3 * p.detach()) for p in net.parameters()]
    plan = recipe(epochs=1, warm_up=0, schedule="constant")
    (epoch,) = fit(net, TensorDataset(x, y), TensorDataset(x, y), plan, folder=tmp_path)
    for parameter, value in zip(net.parameters(), wanted, strict=True):
        torch.testing.assert_close(parameter.detach(), value, rtol=1e-12, atol=1e-12)
    assert epoch.train_loss == pytest.approx(loss.item())
    assert epoch.train_accuracy == (logits.argmax(1) == y).double().mean()
    after = net(x)
    assert epoch.validation_loss == pytest.approx(cross_entropy(after, y).item())
    assert epoch.validation_accuracy == (after.argmax(1) == y).double().mean()
    assert epoch.lr == 0.1


def test_it_learns(tmp_path):
    _, history = run(tmp_path, epochs=8, batch_size=4)
    assert history[-1].validation_accuracy > 0.9
    assert history[-1].validation_loss < history[0].validation_loss / 1.5


def test_the_model_is_left_evaluating_with_the_last_weights(tmp_path):
    net, history = run(tmp_path)
    assert not net.training
    x, y = HELD_OUT.tensors
    assert cross_entropy(net(x), y).item() == pytest.approx(history[-1].validation_loss)
    assert [epoch.number for epoch in history] == [1, 2, 3, 4]
    assert history[0].lr == pytest.approx(0.1)


def test_the_best_epoch_is_kept_the_earliest_of_equals(tmp_path, monkeypatch):
    scripted = iter([(0.9, 0.50), (0.3, 0.80), (0.2, 0.80), (0.4, 0.60)])
    with monkeypatch.context() as patch:
        patch.setattr("cbam_teach.trainer.Trainer.evaluate", lambda *_: next(scripted))
        last, _ = run(tmp_path / "four", schedule="constant")
    second, _ = run(tmp_path / "two", schedule="constant", epochs=2)
    assert not same(last, second)
    load_weights(last, tmp_path / "four" / "best.pt")
    assert same(last, second)


def test_the_seed_decides(tmp_path):
    one, first = run(tmp_path / "a")
    two, second = run(tmp_path / "b")
    three, third = run(tmp_path / "c", seed=1)
    assert first == second
    assert same(one, two)
    assert first != third
    assert not same(one, three)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # Python 3.12, of its own module
def test_workers_change_nothing(tmp_path):
    one, first = run(tmp_path / "a", epochs=2)
    two, second = run(tmp_path / "b", epochs=2, workers=1)
    assert first == second
    assert same(one, two)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_another_recipe_model_or_data_is_refused(tmp_path):
    run(tmp_path, epochs=2)
    before = contents(tmp_path)
    with pytest.raises(
        ValueError, match=r"the recipe that it began with.*Given: lr=0.2. Al.*: lr=0.1"
    ):
        run(tmp_path, epochs=2, lr=0.2)
    with pytest.raises(ValueError, match=r"Given: epochs=3. Allowed: epochs=2"):
        run(tmp_path, epochs=3)
    with pytest.raises(ValueError, match=r"a model that was built the same way"):
        run(tmp_path, model(norm=nn.GroupNorm), epochs=2)
    with pytest.raises(ValueError, match=r"as many samples.*Given: \(43, 9\). Allowed: \(43, 13\)"):
        fit(model(), TRAIN, samples(9), recipe(epochs=2), folder=tmp_path)
    assert contents(tmp_path) == before
    run(tmp_path, epochs=2, workers=0)


def test_a_run_that_diverges_stops_and_keeps_its_files(tmp_path):
    good = TensorDataset(*samples(40).tensors)
    plan = recipe(epochs=3, schedule="constant")

    class Rotten(TensorDataset):
        def set_epoch(self, epoch):
            if epoch == 2:
                self.tensors[0].fill_(float("nan"))

    rotten = Rotten(*good.tensors)
    with pytest.raises(FloatingPointError, match=r"loss of epoch 3 must stay finite.*Given: nan"):
        fit(model(), rotten, HELD_OUT, plan, folder=tmp_path)
    table = json.loads((tmp_path / "history.json").read_text())
    assert [epoch["number"] for epoch in table["epochs"]] == [1, 2]


class Stream(IterableDataset):
    """Samples with a length, but without an index."""

    def __iter__(self):
        return iter(TRAIN)

    def __len__(self):
        return len(TRAIN)


@pytest.mark.usefixtures("as_released")
def test_what_is_refused(tmp_path):
    def refused(kind, said, net=None, train=TRAIN, held_out=HELD_OUT, plan=None, **options):
        net, plan = net or model(), plan or recipe()
        with pytest.raises(kind, match=said):
            fit(net, train, held_out, plan, folder=tmp_path, **options)
        assert not os.listdir(tmp_path)

    refused(TypeError, r"fit: the model must be an nn.Module. Given: model", net=model)
    refused(TypeError, r"`recipe` must be a Recipe. Given: dict", plan={"lr": 1})
    for wrong in (zip(*TRAIN.tensors, strict=True), dict(enumerate(TRAIN)), Stream()):
        said = rf"`train_set` must be .* known length, .*Given: {type(wrong).__name__}\."
        refused(TypeError, said, train=wrong)
    refused(ValueError, r"samples in `train_set` must be at least 8. Given: 7", train=samples(7))
    refused(ValueError, r"samples in `validation_set` must be at least 1. Given: 0",
            held_out=samples(0))  # fmt: skip
    refused(TypeError, r"`progress` must be True or False. Given: 1", progress=1)
    refused(TypeError, r"Given: float\. Allowed: None, penalty\(maps, rest\)", penalty=0.5)
    refused(ValueError, r"\"float16\" needs a CUDA device. Given: cpu",
            plan=recipe(amp="float16"), device="cpu")  # fmt: skip
    refused(ValueError, r"The device must be present.*Given: 'tpu'", device="tpu")
    refused(ValueError, r"The device must be present.*Given: 'meta'", device="meta")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match=r"can be written. Given: .*file. Allowed: "):
        fit(model(), TRAIN, HELD_OUT, recipe(), folder=tmp_path / "file")


def test_progress_is_one_line_an_epoch_in_the_readers_language(tmp_path, capsys):
    fit(model(), TRAIN, HELD_OUT, recipe(epochs=2), folder=tmp_path, progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("epoch 2/2 · loss 0.")
    assert lines[1].endswith("· 0 s left")
    run_again = fit(model(), TRAIN, HELD_OUT, recipe(epochs=2), folder=tmp_path)
    assert capsys.readouterr().out == "", "nothing was left to do"
    assert isinstance(run_again[0], Epoch)
    stopping = Stopping(*TRAIN.tensors)
    with pytest.raises(Stop):
        fit(model(), stopping, HELD_OUT, recipe(), folder=tmp_path / "cut", progress=False)
    language.set_language("tr")
    fit(model(), TRAIN, HELD_OUT, recipe(), folder=tmp_path / "cut")
    assert capsys.readouterr().out.startswith("dönem 1/4 bitmişti, oradan sürüyor\ndönem 2/4 · ")


def test_quiet_is_quiet(tmp_path, capsys):
    run(tmp_path)
    assert capsys.readouterr().out == ""


def test_long_epochs_say_where_they_are(capsys):
    now = 0.0
    report = Progress(4, 10, True, clock=lambda: now)
    report.start()
    sums = torch.tensor([6.0, 3.0, 4.0])
    for step in range(1, 11):
        now += EVERY / 2
        report.step(3, step, sums)
    report.end(3, 0.5, 0.25, 0.75)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "epoch 3/4, step 2/10 · loss 1.5000 · 4 min 0 s left in this epoch"
    assert [line.split(",")[1].split(" ·")[0] for line in lines[:-1]] == [
        f" step {step}/10" for step in (2, 4, 6, 8)
    ]
    assert lines[-1] == (
        "epoch 3/4 · loss 0.5000 · accuracy 0.2500 · validation accuracy 0.7500 · 5 min 0 s left"
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (3900, "1 h 5 min")],
)
def test_durations(seconds, said):
    assert duration(seconds) == said


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("amp", [None, "bfloat16", "float16"])
def test_on_cuda_it_learns_and_goes_on(tmp_path, amp):
    """The scaled gradients of float16 included; float32 computes what the CPU computes."""
    plan = recipe(epochs=6, amp=amp)
    net = model(norm=nn.GroupNorm)
    whole = fit(net, TRAIN, HELD_OUT, plan, folder=tmp_path / "whole", device="cuda")
    assert whole[-1].validation_accuracy > 0.8
    assert next(net.parameters()).device.type == "cuda"
    if amp is None:
        alone = model(norm=nn.GroupNorm)
        found = fit(alone, TRAIN, HELD_OUT, plan, folder=tmp_path / "cpu", device="cpu")
        wanted = [epoch.train_loss for epoch in found]
        assert [epoch.train_loss for epoch in whole] == pytest.approx(wanted, rel=1e-3)
    again = fit(model(norm=nn.GroupNorm), TRAIN, HELD_OUT, plan, folder=tmp_path / "whole")
    assert again == whole
