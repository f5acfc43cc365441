"""The doctor from the shell: ``python -m cbam_teach doctor package.module:factory``."""

import argparse
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.diagnostics import home
from cbam_teach.doctor.examine import PLACES, diagnose
from cbam_teach.doctor.factory import built, reason
from cbam_teach.doctor.networks import diagnose_model
from cbam_teach.language import LANGUAGES, problem, say, speaking

PROGRAM = "python -m cbam_teach doctor"


def main(arguments: Sequence[str]) -> int:
    """Examine what the arguments name, print the report, and return the exit status.

    Returns:
        0 when no check failed, 1 when one did, 2 when the block could not be built or run; the
        reason then stands in the stream of errors.
    """
    path = list(sys.path)
    sys.path.insert(0, os.getcwd())
    try:
        with speaking(language_of(arguments)):
            return run(arguments)
    finally:
        sys.path[:] = path


def run(arguments: Sequence[str]) -> int:
    """Do what `main` says in the language in use."""
    try:
        asked = parsed(arguments)
        with redirect_stdout(sys.stderr), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            reports = examined(asked)
    except Exception as error:
        print(reason(error), file=sys.stderr)
        if (cause := error.__cause__) and reason(cause) not in reason(error):
            print(reason(cause), file=sys.stderr)
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ must not stop the report
    if asked.json:
        data = {name: report.to_dict() for name, report in reports.items()}
        print(json.dumps(data if asked.model else data[""], indent=2))
    else:
        parts = [f"{name}\n{report}" if name else str(report) for name, report in reports.items()]
        print("\n\n".join(parts))
    return 0 if all(report.ok for report in reports.values()) else 1


def examined(asked: argparse.Namespace) -> Mapping[str, Any]:
    """Build the block or the model and return the reports by name; a block's name is ``""``."""
    model = built(asked.target)
    options: dict[str, Any] = {"placement": asked.placement}
    try:
        x = None if asked.shape is None else picture(model, asked.shape)
        if not asked.model:
            return {"": diagnose(model, x, attention=asked.attention, **options)}
        reports = diagnose_model(model, x, **options)
    except Exception as error:
        if getattr(error, "in_our_words", False):
            raise
        raise problem(
            RuntimeError, "doctor.shell.broke_off", given=reason(error), allowed=PROGRAM
        ) from error
    if not reports:
        raise problem(
            ValueError, "doctor.shell.no_blocks", given=checks.named(model), allowed=PROGRAM
        )
    return reports


def picture(model: nn.Module, shape: Sequence[int]) -> Tensor:
    """Return random numbers of a shape, where the model is and of the type that it computes in."""
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    first = next(iter(model.parameters()), x)
    return x.to(home(model, x), first.dtype if first.is_floating_point() else x.dtype)


class Parser(argparse.ArgumentParser):
    """A parser that refuses in our words."""

    def error(self, message: str) -> NoReturn:
        """Raise what `run` catches; argparse's own message is in English only."""
        raise problem(
            ValueError, "doctor.shell.command", given=" ".join(self.words) or "–",
            allowed=" ".join(self.format_usage().split()[1:]),
        )  # fmt: skip

    words: Sequence[str] = ()


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the arguments ask for.

    Raises:
        ValueError, TypeError: when they do not fit the usage.
    """
    parser = Parser(PROGRAM, description=say("doctor.shell.about"), allow_abbrev=False)
    parser.words = arguments
    parser.add_argument("target", metavar="package.module:factory", help=say("doctor.shell.target"))
    parser.add_argument("--placement", default="inside", help=say("doctor.shell.placement"))
    parser.add_argument("--attention", action="append", help=say("doctor.shell.attention"))
    parser.add_argument(
        "--shape", nargs=4, metavar=("B", "C", "H", "W"), help=say("doctor.shell.shape")
    )
    parser.add_argument("--model", action="store_true", help=say("doctor.shell.model"))
    parser.add_argument("--json", action="store_true", help=say("doctor.shell.json"))
    parser.add_argument("--language", help=say("doctor.shell.language"))
    asked = parser.parse_args(arguments)
    checks.choice("doctor", "--placement", asked.placement, PLACES)
    if asked.language is not None:
        checks.choice("doctor", "--language", asked.language, LANGUAGES)
    if asked.shape is not None:
        sizes = [int(size) if size.isdecimal() else size for size in asked.shape]
        for size in sizes:
            checks.integer("doctor", "--shape", size)
        asked.shape = sizes
    if asked.attention is not None:
        if asked.model:
            raise problem(
                ValueError, "doctor.shell.model_attention", given="--model --attention",
                allowed="--model, --attention",
            )  # fmt: skip
        names = tuple(asked.attention)
        asked.attention = names[0] if len(names) == 1 else names
    return asked


def language_of(arguments: Sequence[str]) -> str:
    """Return the language that the arguments ask for, or else that of the surroundings."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    first.add_argument("--language", nargs="?")
    asked = first.parse_known_args(arguments)[0].language
    return asked if asked in LANGUAGES else spoken()


def spoken() -> str:
    """Return the language that the environment names, English where it is not Turkish."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "tr" if next(filter(None, named), "").lower().startswith("tr") else "en"
