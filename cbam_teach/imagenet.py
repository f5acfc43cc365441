"""Train CBAM-ResNet on a folder of pictures: ``python -m cbam_teach.imagenet --help``."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cbam_teach.imagenet_recipe import Squares, read_recipe
from cbam_teach.language import LANGUAGES, get_language, problem, say, set_language
from cbam_teach.picture_folder import CentreView, PictureFolder, RandomView
from cbam_teach.training import fit

DEFAULT = "imagenet_cbam_resnet50"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its status: 0, or 1 when the loss did not stay finite.

    A wrong argument, recipe or folder ends the process with status 2 and a line. The language
    that the arguments ask for is used meanwhile.

    Args:
        arguments: the words of the command line; those of this process unless given.
    """
    language = get_language()
    try:
        return run(arguments)
    finally:
        set_language(language)


def run(arguments: Sequence[str] | None) -> int:
    """Do what `main` says, and leave the language as the arguments ask for it."""
    parser = make_parser(arguments)
    asked = parser.parse_args(arguments)
    try:
        recipe = read_recipe(asked.recipe)
        seed = recipe.training.seed
        train_set, validation_set = picture_folders(asked.folder, recipe.pictures, seed)
        model = recipe.network.build(len(train_set.classes), seed)
        history = fit(
            model,
            train_set,
            validation_set,
            recipe.training,
            folder=asked.out,
            device=asked.device,
            progress=not asked.quiet,
        )
    except Exception as error:
        if not getattr(error, "in_our_words", False):
            raise
        if isinstance(error, FloatingPointError):  # not what was asked, but what came of it
            print(error, file=sys.stderr)
            return 1
        parser.error(str(error))
    if os.environ.get("RANK", "0") == "0":
        best = max(history, key=lambda epoch: epoch.validation_accuracy)
        accuracy = f"{best.validation_accuracy:.4f}"
        print(
            say("training.best", accuracy=accuracy, epoch=best.number, path=asked.out / "best.pt")
        )
    return 0


def picture_folders(
    folder: Path, squares: Squares, seed: int
) -> tuple[PictureFolder, PictureFolder]:
    """Return the training and the validation pictures of ``folder/train`` and ``folder/val``.

    Raises:
        FileNotFoundError, ValueError: as `PictureFolder`, and when the two have not the same
            classes.
    """
    train_set = PictureFolder(folder / "train", RandomView(squares.size), seed=seed)
    view = CentreView(squares.size, squares.short_side)
    validation_set = PictureFolder(folder / "val", view)
    if odd := sorted(set(train_set.classes) ^ set(validation_set.classes)):
        raise problem(
            ValueError, "error.other_classes", given=odd[:5], allowed=train_set.classes[:5]
        )
    return train_set, validation_set


def make_parser(arguments: Sequence[str] | None) -> argparse.ArgumentParser:
    """Build the parser, its help in the language that the arguments ask for, or in that in use."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--language", choices=LANGUAGES, default=get_language())
    set_language(first.parse_known_args(arguments)[0].language)
    parser = argparse.ArgumentParser(
        "python -m cbam_teach.imagenet", description=say("imagenet.about")
    )
    parser.add_argument("folder", type=Path, help=say("imagenet.folder"))
    parser.add_argument("--out", type=Path, required=True, help=say("imagenet.out"))
    parser.add_argument("--recipe", default=DEFAULT, help=say("imagenet.recipe", default=DEFAULT))
    parser.add_argument("--device", help=say("imagenet.device"))
    parser.add_argument("--quiet", action="store_true", help=say("imagenet.quiet"))
    parser.add_argument("--language", choices=LANGUAGES, help=say("imagenet.language"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
