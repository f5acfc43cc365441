"""What a trained network does on test pictures: accuracy, masks, routers, interventions."""

from __future__ import annotations

LOOKED = 500  # test pictures for what costs more than one pass
BATCH = 250


def examine(net, test) -> dict:
    """Return the test accuracy, and what the masks were seen to do.

    Args:
        net: a trained `ProbeNet`.
        test: `Digits` of the test split.
    """
    import torch

    from cbam_teach.interventions import accuracy_under, effect

    net.eval()
    home = next(net.parameters()).device
    images, labels = test.images.to(home), test.labels.to(home)
    found = {"test": accuracy_under(net, images, labels, {}, batch=BATCH)}
    if hasattr(test, "other_labels"):
        found["either"] = either(net, images, test)
    maps = gather(net, images)
    if maps:
        with torch.no_grad():
            changed = effect(net, images[:LOOKED], labels[:LOOKED], batch=BATCH)
        found["interventions"] = rounded(changed)
        found["masks"] = {name: look(name, each, test) for name, each in maps.items()}
        found["readable"] = read(maps, test)
    return found | {"scalars": scalars(net)}


def either(net, images, test) -> float:
    """The share of pictures of which one of the two digits is the answer, whichever."""
    import torch

    with torch.no_grad():
        parts = [net(batch).argmax(dim=1) for batch in images.split(BATCH)]
    answers = torch.cat(parts).cpu()
    return round(
        ((answers == test.labels) | (answers == test.other_labels)).double().mean().item(), 4
    )


def gather(net, images) -> dict:
    """Return every mask and every router's shares over all pictures, on the CPU."""
    import torch

    from cbam_teach import trace

    parts: dict[str, list] = {}
    for batch in images.split(BATCH):
        with torch.no_grad(), trace(net) as maps:
            net(batch)
        for name, each in maps.items():
            parts.setdefault(name, []).append(each.cpu().expand(len(batch), -1, -1, -1))
    return {name: torch.cat(each) for name, each in parts.items()}


def look(name: str, maps, test) -> dict:
    """Return the numbers of one mask or one router."""
    from scipy.stats import spearmanr

    from cbam_teach.evidence import inside_outside, pointing_game

    between = maps.double().std(dim=0).mean().item()
    found = {"mean": maps.double().mean().item(), "between_samples": between}
    sides = (test.boxes[:, 2:] - test.boxes[:, :2]).double().amax(dim=1).numpy()
    if name.endswith(("router", "fusion")):
        shares = maps.double().mean(dim=(2, 3)).numpy()  # (N, K)
        found["usage"] = shares.mean(axis=0).round(4).tolist()
        found["largest"] = float(maps.double().amax(dim=1).mean())
        moving = shares.std(axis=0) > 1e-6
        found["with_size"] = [
            round(float(spearmanr(sides, shares[:, k]).statistic), 4) if moving[k] else 0.0
            for k in range(shares.shape[1])
        ]
    elif maps.shape[1] == 1:
        height, width = test.images.shape[2:]
        game = pointing_game(maps, test.boxes, (height, width))
        difference, auc = inside_outside(maps, test.masks)
        found |= {"pointing": game, "difference": difference, "auc": auc}
    return rounded(found)


def read(maps: dict, test) -> dict:
    """Return how well the class can be read from the masks alone, and from those of chance."""
    import torch
    from torch.nn.functional import adaptive_avg_pool2d

    from cbam_teach.evidence import chance, readable

    kinds: dict[str, list] = {"channel": [], "spatial": []}
    for name, each in maps.items():
        if name.endswith(("router", "fusion")):
            continue
        kind = "spatial" if each.shape[1] == 1 else "channel"
        small = adaptive_avg_pool2d(each, 5) if kind == "spatial" else each
        kinds[kind].append(small.flatten(1))
    half = len(test.labels) // 2
    found = {}
    for kind, parts in kinds.items():
        if parts:
            features = torch.cat(parts, dim=1).double()
            four = (features[:half], test.labels[:half], features[half:], test.labels[half:])
            found |= {kind: readable(*four), f"{kind}.chance": chance(*four)}
    return rounded(found)


def scalars(net) -> dict:
    """Return the learned mixing amounts and temperatures, by name."""
    from cbam_teach.mixing import Mix
    from cbam_teach.temperature import Temperature

    found = {}
    for name, part in net.named_modules():
        if isinstance(part, Mix) and part.learnable:
            found[name] = part.amount().item()
        if isinstance(part, Temperature) and part.learnable:
            found[name] = part().item()
    return rounded(found)


def rounded(table: dict) -> dict:
    """Return the same with four digits behind the point."""
    return {key: round(v, 4) if isinstance(v, float) else v for key, v in table.items()}
