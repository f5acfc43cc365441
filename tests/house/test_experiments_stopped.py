"""`make experiments` stopped, killed, or with a worker lost: nothing goes on, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLOW = Path(__file__).with_name("slow_experiments.py")
PATIENCE = 60  # seconds, of a test for a machine that is busy
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs signals")


def until(holds) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def alive(number: int) -> bool:
    """Whether a process is there, and no zombie."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True)
    return found.stdout.strip()[:1] not in ("", "Z")


class Command:
    """The command, with its own group of processes as a terminal gives it, and its folders."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.results, self.folders = folder / "results", folder / "folders"
        command = [sys.executable, str(SLOW), "--jobs", "2"]
        command += ["--results", str(self.results), "--folders", str(self.folders)]
        self.process = subprocess.Popen(
            command, env={**os.environ, **environment}, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def stored(self) -> list[str]:
        names = sorted(path.name for path in self.results.glob("*.json"))
        return [name.removeprefix("cued,plain,").removesuffix(".json") for name in names]

    def workers(self) -> list[int]:
        return [int(path.stem) for path in self.folders.glob("*.pid")]

    def busy(self) -> bool:
        """Whether the first of the reported runs is stored, and two others go on."""
        return "seed=0" in self.stored() and sum(map(alive, self.workers())) == 2

    def end(self) -> tuple[int, str, str]:
        out, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, said


@pytest.fixture
def begin(tmp_path):
    """Starts the command; at the end of the test nothing of it is left."""
    commands = []

    def start(**environment) -> Command:
        commands.append(Command(tmp_path, **environment))
        return commands[-1]

    yield start
    for command in commands:
        for number in [command.process.pid, *command.workers()]:
            if alive(number):
                os.kill(number, signal.SIGKILL)
        command.process.wait()
        command.process.stdout.close()
        command.process.stderr.close()


SCREENED = ["lr=0.005,seed=1000", "lr=0.01,seed=1000", "lr=0.02,seed=1000"]


@pytest.mark.parametrize("way", ["Ctrl+C", "SIGTERM", "SIGTERM to all"])
def test_it_stops_at_once_and_leaves_no_worker(begin, way):
    command = begin()
    until(command.busy)
    number = command.process.pid
    if way == "SIGTERM":
        os.kill(number, signal.SIGTERM)
    else:
        os.killpg(number, signal.SIGINT if way == "Ctrl+C" else signal.SIGTERM)
    code, out, said = command.end()
    assert code == 130
    assert "Stopped. Finished runs are stored; the same command goes on from here." in out
    assert "Traceback" not in out + said
    assert not any(map(alive, command.workers()))
    assert command.stored() == [*SCREENED, "seed=0"]


def test_killed_itself_it_takes_its_workers_along(begin):
    """They would go on beside those of the next command, in the same folders."""
    command = begin()
    until(command.busy)
    command.process.kill()
    until(lambda: not any(map(alive, command.workers())))
    assert command.stored() == [*SCREENED, "seed=0"]
    again = begin(TROUBLE="none")
    code, out, said = again.end()
    assert code == 0, said
    assert "screen: 3 of 3 runs are there\nconfirm: 1 of 4 runs are there\n[1/3]" in out
    assert again.stored() == [*SCREENED, "seed=0", "seed=1", "seed=2", "seed=3"]


def test_a_run_that_fails_stops_no_other(begin):
    command = begin(TROUBLE="wrong")
    code, out, said = command.end()
    assert code == 1
    assert command.stored() == [*SCREENED, "seed=0", "seed=2", "seed=3"]
    assert "cued,plain,seed=1: FAILED, FloatingPointError: the loss of epoch 3" in out
    assert said.strip().splitlines() == [
        "1 without a result (FloatingPointError: the loss of epoch 3 must stay finite):",
        "  cued,plain,seed=1",
        "Finished runs are stored; the same command tries these again.",
    ]


def test_a_lost_worker_is_told_and_finished_runs_are_kept(begin):
    command = begin(TROUBLE="killed")
    code, out, said = command.end()
    assert code == 1
    assert {*SCREENED, "seed=0"} <= set(command.stored())
    assert "seed=1" not in command.stored()
    assert "a worker was killed from outside, as a system does that is out of memory" in said
    assert "  cued,plain,seed=1\n" in said
    assert "make experiments JOBS=1" in said
    assert "Traceback" not in out + said
    assert not any(map(alive, command.workers()))
