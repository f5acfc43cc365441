"""The pictures of the mask laboratory: digits among fragments, and three photographs."""

from jaxtyping import Float
from torch import Tensor

from cbam_teach.cluttered import cluttered_digits
from cbam_teach.language import say
from cbam_teach.photographs import photographs
from cbam_teach.pictures import Digits

SIZE = 96  # pixels on each side
SIDES = (28, 56)  # of a digit, in pixels
CLUTTER = 4  # fragments of other digits
NOISE = 0.3  # in brightness; with less the masks have little to do
SHOWN = 6  # digits in the figure
CHANCE = 4  # the seed of those


def digits(count: int, *, seed: int, split: str, clutter: int = CLUTTER) -> Digits:
    """Make pictures of the laboratory's kind, as `cluttered_digits` does."""
    return cluttered_digits(
        count, seed=seed, size=SIZE, sides=SIDES, clutter=clutter, noise=NOISE, split=split
    )


def shown() -> Digits:
    """Return the digits of the figure, none of which was trained on."""
    return digits(SHOWN, seed=CHANCE, split="test")


def pictures() -> dict[str, Float[Tensor, "3 96 96"]]:
    """Return the laboratory's pictures by name: `shown`, then the middle of each photograph.

    The names are in the reader's language; those of photographs hold the credit that their
    licence asks for.
    """
    made = shown()
    album = {
        say("lab.digit", number=number + 1, digit=int(label)): image
        for number, (image, label) in enumerate(zip(made.images, made.labels, strict=True))
    }
    for name, photograph in photographs(size=SIZE).items():
        album[say(f"lab.photograph.{name}")] = middle(photograph)
    return album


def middle(picture: Float[Tensor, "3 h w"]) -> Float[Tensor, "3 96 96"]:
    """Cut the middle out of a picture whose shorter side is `SIZE`."""
    top, left = ((length - SIZE) // 2 for length in picture.shape[1:])
    return picture[:, top : top + SIZE, left : left + SIZE]  # (3, 96, 96)
