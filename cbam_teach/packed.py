"""The weights of several networks in one small file: the same bytes every time."""

import io
import zipfile
from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float16
from torch import Tensor, nn

UNUSED = "num_batches_tracked"  # counted by batch norm, and read by nobody here
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the time that every entry carries


def tensors(net: nn.Module) -> dict[str, Tensor]:
    """Return what is stored of a network."""
    state = net.state_dict()
    return {name: value for name, value in state.items() if not name.endswith(UNUSED)}


def kept(net: nn.Module) -> Float16[Tensor, " n"]:
    """Return all weights of a network in a row, in half precision."""
    return torch.cat([value.flatten().half().cpu() for value in tensors(net).values()])


def give(net: nn.Module, weights: Float16[Tensor, " n"]) -> None:
    """Undo `kept`; the network must have as many numbers as there are."""
    places = tensors(net)
    pieces = weights.split([value.numel() for value in places.values()])
    for value, piece in zip(places.values(), pieces, strict=True):
        value.copy_(piece.view(value.shape))


def pack(networks: Mapping[str, Float16[Tensor, " n"]]) -> bytes:
    """Return the weights by name as the bytes of an .npz file; without compression, whose
    bytes differ from one version of zlib to the next."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        for name, weights in networks.items():
            array = io.BytesIO()
            np.save(array, weights.numpy(), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", LONG_AGO), array.getvalue())
    return raw.getvalue()


def unpack(data: bytes) -> dict[str, Float16[Tensor, " n"]]:
    """Undo `pack`."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return {name: torch.from_numpy(archive[name]) for name in archive.files}
