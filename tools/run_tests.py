"""Runs every check of `make test`, one after the other, and says at the end which held.

A failing step does not stop the others: a run takes minutes, and whoever mends the first fault
wants to know of the second. A step whose ground is missing (browser tests without a site) is
left out and said so.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
JOBS = os.environ.get("JOBS", "2")
FULL, GPU = "--full" in sys.argv[1:], "--gpu" in sys.argv[1:]


@dataclass
class Step:
    """One check: what it is called, what it runs, what cures it."""

    name: str
    command: list[str]
    cure: str
    needs: str | None = None  # the step without which this one says nothing
    env: dict[str, str] = field(default_factory=dict)
    result: str = ""
    seconds: float = field(default=0.0)


def module(*words: str) -> list[str]:
    return [PYTHON, "-m", *words]


def steps() -> list[Step]:
    """In the order from quick to slow; the site is built before the browser opens it."""
    nbval = ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", "tests/nbval.cfg"]
    parallel = ["-n", JOBS, "--dist", "worksteal"]
    whole = ["-n", JOBS, "--dist", "loadfile"]  # the cells of a notebook share one kernel
    tests = ["tests/package", "tests/book", "tests/house"]
    # Coverage nearly doubles the time: it is taken where the package's lines are told apart, not
    # from the tests of builder and tools, nor from hundreds of blocks that take the same lines.
    blocks = [f"tests/package/test_doctor_{what}.py" for what in ("right", "care")]
    again = [*blocks, "tests/book", "tests/house"]
    # What, and how much at least: [tool.coverage] in pyproject.toml.
    covered = ["tests/package", *(f"--ignore={file}" for file in blocks), "--cov"]
    found = [
        Step("ruff check", module("ruff", "check"), ".venv/bin/ruff check --fix"),
        Step("ruff format", module("ruff", "format", "--check"), ".venv/bin/ruff format"),
        Step("mypy", module("mypy"), "mend the types named above"),
        Step(
            "sources and notebooks agree",
            [PYTHON, "book/editions.py", "check"],
            "make book, and make notebooks where code changed; then commit book/tr and book/en",
        ),
        Step(
            "pytest, with coverage",
            module("pytest", "-q", *parallel, *covered),
            "mend what fails above, or test the lines and branches (a->b) that it names",
        ),
        Step(
            "pytest, the book, its tools and blocks without a fault",
            module("pytest", "-q", *parallel, *again),
            "mend what fails above",
        ),
        Step(
            "nbval, every notebook",
            module("pytest", "-q", *nbval, *whole, "book/tr", "book/en"),
            "make notebooks, and look at what changed before you commit it",
            env={"CBAM_TEACH_GRAPHS": "0"},  # a graph is no output; the site's tests compute them
        ),
        Step(
            "strict build of both editions",
            [PYTHON, "book/editions.py", "book"],
            "mend the warnings named above",
        ),
        Step(
            "browser",
            module("pytest", "-q", *parallel, "tests/site"),
            "mend what fails above",
            needs="strict build of both editions",
        ),
    ]
    if FULL:
        long = module("pytest", "-v", "-m", "full", *tests, "tests/site")
        found.append(Step("long tests", long, "mend what fails above"))
    return [step for step in found if step.name.startswith("nbval")] if GPU else found


def run(step: Step, failed: set[str], call: Callable[..., int] = subprocess.call) -> None:
    """Runs one step and writes down how it ended."""
    print(f"\n== {step.name} ==", flush=True)
    if step.needs in failed:
        step.result = "left out"
        print(f"left out: '{step.needs}' failed", flush=True)
        return
    start = time.monotonic()
    environment = {**os.environ, **step.env}
    code = call(step.command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment)
    step.seconds = time.monotonic() - start
    step.result = "passed" if code == 0 else "FAILED"
    print(f"-- {step.name}: {step.result} in {step.seconds:.0f} s", flush=True)


def summary(done: list[Step]) -> str:
    """A table, the cures, and one closing line."""
    lines = ["", "== summary =="]
    lines += [f"  {step.result:8} {step.seconds:5.0f} s  {step.name}" for step in done]
    failed = [step for step in done if step.result != "passed"]
    lines += [f"  cure for '{step.name}': {step.cure}" for step in failed if step.seconds]
    passed, total = len(done) - len(failed), sum(step.seconds for step in done)
    counts = f"{len(failed)} failed, {passed} passed" if failed else f"{passed} passed"
    return "\n".join([*lines, f"===== {counts} steps in {total:.0f} s ====="])


def main() -> int:
    if GPU and subprocess.call([PYTHON, "-c", "import torch; assert torch.cuda.is_available()"]):
        print("make: PyTorch sees no CUDA device here.", file=sys.stderr)
        print("  Cure: run on a machine with one; its own PyTorch is kept.", file=sys.stderr)
        return 1
    # The workers share the cores: threads of one must not push the other's aside.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(JOBS))))
    done: list[Step] = []
    for step in steps():
        run(step, {other.name for other in done if other.result != "passed"})
        done.append(step)
    print(summary(done), flush=True)
    return int(any(step.result != "passed" for step in done))


if __name__ == "__main__":
    sys.exit(main())
