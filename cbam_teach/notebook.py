"""The start of a notebook: language, seeds, exact arithmetic, pictures that stay the same."""

import random
import sys

import numpy
import torch

from cbam_teach import checks
from cbam_teach.language import set_language


def start(language: str = "tr", seed: int = 0) -> torch.device:
    """Prepare a notebook and return the device to compute on; prints nothing.

    Sets the language, seeds `random`, NumPy and PyTorch, turns TF32 off (so that CPU and
    GPU agree to float32 precision), and inside Jupyter makes pictures the same byte for
    byte in every run. On Colab it enables custom widgets.

    Args:
        language: ``"tr"`` or ``"en"``.
        seed: an integer, at least 0.

    Returns:
        ``cuda`` where there is a GPU, else ``cpu``.

    Raises:
        TypeError, ValueError: for a language or a seed that is not allowed.
    """
    set_language(language)
    checks.integer("start", "seed", seed, least=0)
    random.seed(seed)
    numpy.random.seed(seed)  # noqa: NPY002, code that uses the old generator stays the same too
    torch.manual_seed(seed)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    _steady_pictures()
    _colab_widgets()
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _steady_pictures() -> None:
    """Inside Jupyter: PNG only, fixed resolution, no version and no date in the file."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats
    from matplotlib_inline.config import InlineBackend

    from cbam_teach.style import PRINT, apply

    apply()
    InlineBackend.instance(parent=shell).print_figure_kwargs = dict(PRINT)
    set_matplotlib_formats("png", **PRINT)


def _colab_widgets() -> None:
    """On Colab: let notebooks show widgets that are not Colab's own."""
    if "google.colab" in sys.modules:
        from google.colab import output

        output.enable_custom_widget_manager()
