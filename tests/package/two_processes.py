"""What test_distributed.py runs in each of two processes: ``… two_processes.py FOLDER PICTURES``.

Every run trains the same model; some of them with one fault, as negative controls.
"""

import json
import os
import sys
from pathlib import Path

import torch
from tiny_run import HELD_OUT, TRAIN, Stop, model, recipe
from torch import distributed, nn
from torch.utils.data import TensorDataset

from cbam_teach import imagenet, training
from cbam_teach.distributed import Team, join
from cbam_teach.training import fit

OUT, PICTURES = Path(sys.argv[1]), Path(sys.argv[2])


class Stopping(TensorDataset):
    def set_epoch(self, epoch):
        if epoch == 2:
            raise Stop


def run(name: str, train_set: TensorDataset = TRAIN) -> None:
    net = model(seed=7 + int(os.environ["RANK"]), norm=nn.GroupNorm)  # process 0's weights count
    fit(net, train_set, HELD_OUT, recipe(), folder=OUT / name, device="cpu")


def refused(name: str, *arguments: object, **options: object) -> None:
    """Write down what the call says, one file for each process."""
    try:
        fit(*arguments, **options)
    except ValueError as error:
        rank = distributed.get_rank()
        (OUT / f"{name}-{rank}.txt").write_text(str(error), "utf-8")


def main() -> None:
    torch.set_num_threads(1)
    run("right")  # opens and closes the group itself
    run("again")
    with join("cpu") as team:
        try:
            run("stopped", Stopping(*TRAIN.tensors))
        except Stop:
            run("stopped")
        plain = training.shuffled
        training.shuffled = lambda data, plan, team: plain(data, plan, Team(0, 2, team.device))
        run("same_share")
        training.shuffled = plain
        wrap, Team.wrap = Team.wrap, lambda self, net: net
        run("no_average")
        Team.wrap = wrap
        refused("odd_batch", model(), TRAIN, HELD_OUT, recipe(batch_size=7), folder=OUT / "odd")
        own = OUT / ("right" if team.rank == 0 else "nothing")
        net = model(norm=nn.GroupNorm)
        refused("own_folder", net, TRAIN, HELD_OUT, recipe(), folder=own, progress=False)
        (OUT / f"rank-{team.rank}.json").write_text(json.dumps([team.rank, team.size]))
    imagenet.main(
        [str(PICTURES), "--recipe", str(PICTURES / "tiny.toml"), "--out", str(OUT / "imagenet")]
    )
    assert not distributed.is_initialized()


if __name__ == "__main__":
    main()
