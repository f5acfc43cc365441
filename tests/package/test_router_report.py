"""How the router report goes about it: loaders, devices, modes, refusals, words."""

import weakref

import pytest
import torch
from planted import Given, only, shares
from torch import nn
from torch.utils.data import DataLoader

from cbam_teach import ChannelAttention, Shares
from cbam_teach.diagnostics import home, router_report
from cbam_teach.language import set_language


@pytest.mark.parametrize("form", ["x", "tuple", "list", "three", "generator", "loader"])
def test_what_a_loader_may_yield(form):
    w = shares([1, 0], [0.5, 0.5], [0.25, 0.75], [0, 1])
    y = torch.zeros(2)
    loaders = {
        "x": [w[:2], w[2:]],
        "tuple": [(w[:2], y), (w[2:], y)],
        "list": [[w[:2], y], [w[2:], y]],
        "three": [(w[:2], y, y), (w[2:], y, y)],
        "generator": (part for part in (w[:2], w[2:])),
        "loader": DataLoader(list(w), batch_size=2),
    }
    assert only(Given(), loaders[form]) == only(Given(), w.split(2))


class Watched(nn.Module):
    """A model in two modes at once that notes how it is run, and can be made to fail."""

    def __init__(self, fails=False):
        super().__init__()
        self.router = Given()
        self.frozen = nn.BatchNorm2d(2).eval()
        self.dropout = nn.Dropout()
        self.fails = fails
        self.seen = []

    def forward(self, x):
        modes = [part.training for part in self.modules()]
        self.seen.append((any(modes), torch.is_grad_enabled()))
        if self.fails and len(self.seen) == 2:
            raise RuntimeError("stop")
        return self.router(x)


@pytest.mark.parametrize("fails", [False, True])
def test_modes_hooks_and_random_numbers_are_given_back(fails):
    model = Watched(fails)
    own = model.router.register_forward_hook(lambda *_: None)
    before = {name: part.training for name, part in model.named_modules()}
    assert before == {"": True, "router": True, "frozen": False, "dropout": True}
    loader = DataLoader(list(shares([1, 0], [0.5, 0.5])), batch_size=1, shuffle=True)
    state = torch.get_rng_state()
    if fails:
        with pytest.raises(RuntimeError, match=r"^stop$"):
            router_report(model, loader)
    else:
        router_report(model, loader)
    assert model.seen == [(False, False)] * 2
    assert {name: part.training for name, part in model.named_modules()} == before
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), state)
    assert sum(len(part._forward_hooks) for part in model.modules()) == 1
    own.remove()


def test_a_router_that_rests_is_not_counted_again():
    class Now(nn.Module):
        def __init__(self):
            super().__init__()
            self.router = Given()

        def forward(self, x):
            return self.router(x) if x[0, 0, 0, 0] > 0.4 else x

    use = only(Now(), [shares([0.5, 0.5], [1, 0]), shares([0.6, 0.4]), shares([0, 1])])
    assert use.usage == pytest.approx((0.7, 0.3))


def test_no_batch_is_kept():
    alive = []

    def loader():
        for _ in range(6):
            x = torch.rand(2, 3, 4, 5).softmax(dim=1)
            alive.append(weakref.ref(x))
            assert sum(ref() is not None for ref in alive) <= 2
            yield x

    router_report(Given(), loader())


def test_pictures_go_to_where_the_model_is_or_to_the_device_that_is_named():
    class Placed(nn.Module):
        def __init__(self):
            super().__init__()
            self.router = Given()
            self.seen = set()

        def forward(self, x):
            self.seen.add(str(x.device))
            return self.router(shares([0.5, 0.5]).repeat(len(x), 1, 1, 1))

    loader = [torch.zeros(2, 1, 1, 1)]
    for add, device, want in [
        (None, None, "cpu"),
        ("parameter", None, "meta"),
        ("buffer", None, "meta"),
        ("parameter", "cpu", "cpu"),
        (None, torch.device("meta"), "meta"),
    ]:
        model = Placed()
        if add == "parameter":
            model.scale = nn.Parameter(torch.zeros(1, device="meta"))
        if add == "buffer":
            model.register_buffer("scale", torch.zeros(1, device="meta"))
        router_report(model, loader, device=device)
        assert model.seen == {want}
    assert home(nn.Identity(), loader[0]) == torch.device("cpu")


class Lone(Shares):
    def forward(self, x):
        return x[:, :1]


X = torch.rand(3, 2, 4, 5)
CASES = [
    (3, [X], TypeError, r"the model must be an nn\.Module.*Given: int"),
    (nn.Identity(), [X], ValueError, r"must hold a router that runs.*Given: Identity.*Dynamic"),
    (nn.Identity(), [], ValueError, "must hold a router that runs"),
    (ChannelAttention(2), [X], ValueError, "a router that runs.*Given: ChannelAttention"),
    (Lone(), [X], ValueError, "one that weighs two branches or more. Given: Lone"),
    (Watched(), [], ValueError, "must give two samples or more.*Given: 0. Allowed: 2, 3"),
    (Watched(), [X[:1]], ValueError, "must give two samples or more.*Given: 1"),
    (Watched(), [{"x": X}], TypeError, r"must yield x or \(x, …\).*Given: dict.*Allowed: x, "),
    (Watched(), [()], TypeError, r"must yield x.*Given: tuple"),
    (Watched(), [([X], 1)], TypeError, r"must yield x.*Given: list"),
]


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("model", "loader", "kind", "said"), CASES)
def test_what_cannot_be_judged_is_refused(model, loader, kind, said):
    with pytest.raises(kind, match=f"router_report: .*{said}"):
        router_report(model, loader)


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("device", ["nonsense", "", "cuda:99", 3.5])
def test_a_device_that_is_not_there_is_refused(device):
    said = f"router_report: `device` must be.*Given: {device!r}. Allowed: cpu, cuda, "
    with pytest.raises(ValueError, match=said):
        router_report(Given(), [X], device=device)


def test_the_report_reads_in_english():
    report = router_report(Given(), [shares([1, 0], [0.5, 0.5], [0.25, 0.75])])
    assert str(report).splitlines() == [
        "Routers over 3 samples",
        "",
        "model (per sample)",
        "  entropy 0.418 nats, as a share of the largest possible: 0.604",
        "  branch                                  1      2",
        "  mean weight                         0.583  0.417",
        "  share where it is largest           0.500  0.500",
        "  standard deviation between samples  0.312  0.312",
        "  -> Not collapsed; the weights change from sample to sample.",
    ]


def test_the_report_reads_in_turkish_and_names_each_router():
    set_language("tr")
    w = torch.tensor([[[[1.0, 0.96]], [[0.0, 0.04]]]]).repeat(2, 1, 1, 1)
    model = nn.Sequential(Given(), Given())
    assert str(router_report(model, [w])).split("\n\n")[::2] == [
        "2 örnek üzerinde yönlendiriciler",
        "1 (piksel başına)\n"
        "  entropi 0.084 nat, olabilecek en büyük değere oranı: 0.121\n"
        "  kol                                 1      2\n"
        "  ortalama ağırlık                0.980  0.020\n"
        "  en büyük olma oranı             1.000  0.000\n"
        "  örnekler arası standart sapma   0.000  0.000\n"
        "  pikseller arası standart sapma  0.020  0.020\n"
        "  -> Tek kola çökmüş: 1. kolun ağırlığının en az 0.95 olduğu kararların oranı "
        "en az 0.99.\n"
        "  -> Yalnızca adı dinamik: hiçbir ağırlığın örnekler arası standart sapması 0.01 değerini "
        "aşmıyor.",
    ]
