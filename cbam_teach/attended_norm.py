"""A norm with attention after it, which leaves the names in a state dict as they were."""

from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.placement import apply_attention


class AttendedNorm(nn.Module):
    """A norm and, right after it, attention: y = A(norm(x)).

    It stands where the norm stood. Its state dict has the norm's own names, and the attention's
    after ``attention.``; `named_parameters` says ``norm.weight`` where that says ``weight``. It is
    a module in the path of the data rather than a hook on the norm, because whoever replaces
    norms (SyncBatchNorm.convert_sync_batchnorm) or retells the model (torch.fx, export) loses
    hooks. What is read from it and it does not have, such as ``num_features``, is the norm's;
    what is written to it and the norm has, such as ``eps`` or ``weight``, goes to the norm.

    Args:
        norm: any module (B, C, H, W) -> (B, C, H, W).
        attention: likewise; a mask belongs in `Reweight`.

    Shape:
        (B, C, H, W) -> (B, C, H, W).

    Raises:
        ValueError: in ``forward``, when the attention changes the shape of what it is given.
    """

    def __init__(self, norm: nn.Module, attention: nn.Module) -> None:
        super().__init__()
        self.norm, self.attention = norm, attention
        self.training = norm.training
        self.register_state_dict_post_hook(leave_out_norm)
        self.register_load_state_dict_pre_hook(put_in_norm)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        return apply_attention("AttendedNorm", self.attention, self.norm(x))

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("norm"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        norm = self.__dict__.get("_modules", {}).get("norm")  # None while this is being built
        own = name in ("norm", "attention", *vars(nn.Module())) or hasattr(type(self), name)
        if norm is None or own or not hasattr(norm, name):
            super().__setattr__(name, value)
        else:
            setattr(norm, name, value)


def leave_out_norm(module: nn.Module, state: dict[str, Any], prefix: str, *rest: Any) -> None:
    """Give the norm's entries, in their order, the names that they had without attention."""
    inner = f"{prefix}norm."
    for key in [key for key in state if key.startswith(prefix)]:
        value = state.pop(key)
        state[prefix + key.removeprefix(inner) if key.startswith(inner) else key] = value


def put_in_norm(module: nn.Module, state: dict[str, Any], prefix: str, *rest: Any) -> None:
    """Send the entries that are to be loaded to the norm, all but the attention's."""
    known = (f"{prefix}norm.", f"{prefix}attention.")
    for key in [key for key in state if key.startswith(prefix) and not key.startswith(known)]:
        state[f"{prefix}norm.{key.removeprefix(prefix)}"] = state.pop(key)
