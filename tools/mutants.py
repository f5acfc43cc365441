"""Changes the attention modules in one place at a time and asks whether the tests notice.

mutmut makes the mutants and gives each the tests that reach it; what it changes, and why not
the rest, is said in pyproject.toml, [tool.mutmut]. All of it happens in a copy under
_build/mutants. A run that was stopped goes on where it was, unless a source or a test changed.

Arguments: none for all mutants; `--survivors` for those that lived through the last run, after
new tests; or mutmut's names, such as 'cbam_teach.fast.*', after a change of one module.

tests/survivors.toml lists the mutants that may live, with a reason each. One that is not listed
fails the command, as does a score below LEAST; one that is listed and dead is told.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "_build" / "mutants"
LISTED = ROOT / "tests" / "survivors.toml"
LEAST = 0.90
SEEN = {"killed", "timeout", "segfault"}  # a test failed, or could not end
UNKNOWN = {"not checked", "check was interrupted by user"}


class Mutant(NamedTuple):
    """A function, and what a mutant changes in it: the lines before and after, as in a diff."""

    where: str
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.where}\n    - {self.was}\n    + {self.becomes}"


def sources() -> dict[str, Path]:
    """Everything that the copy holds, by its place there."""
    found = [*(ROOT / "cbam_teach").rglob("*"), *(ROOT / "tests" / "package").rglob("*")]
    found += [ROOT / "book" / "claims.yml", ROOT / "pyproject.toml"]
    places = {str(path.relative_to(ROOT)): path for path in found if path.is_file()}
    places["quickest_first.py"] = ROOT / "tools" / "quickest_first.py"
    return {name: path for name, path in places.items() if "__pycache__" not in name}


def in_copy() -> Iterator[str]:
    """What was copied, by place; not what mutmut and Python wrote."""
    for path in COPY.rglob("*"):
        name = str(path.relative_to(COPY))
        if path.is_file() and not name.startswith("mutants/") and "__pycache__" not in name:
            yield name


def bring_up_to_date() -> bool:
    """Copy what changed, delete what is gone; say whether there was any such thing.

    Both leave mutmut's own folder, which would keep an old words.toml. A file that stays the
    same keeps its time stamp, by which mutmut sees that it did.
    """
    wanted, before = sources(), set(in_copy())
    changed = [
        name
        for name, path in wanted.items()
        if name not in before or not filecmp.cmp(path, COPY / name, shallow=False)
    ]
    stale = [*changed, *(before - wanted.keys())]
    for name in stale:
        (COPY / name).unlink(missing_ok=True)
        (COPY / "mutants" / name).unlink(missing_ok=True)
    for name in changed:
        (COPY / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wanted[name], COPY / name)
    return bool(stale)


def verdicts() -> dict[str, tuple[str, Path]]:
    """What became of each mutant, and its file; read where mutmut ran."""
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.stats import status_by_exit_code
    from mutmut.utils.file_utils import walk_mutatable_files

    found = {}
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            found[name] = (status_by_exit_code[code], path)
    return found


def change(name: str, path: Path) -> Mutant:
    """What the mutant of this name changes."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    function = name.rpartition(".")[2].partition("__mutmut_")[0]  # x_fold, xǁReweightǁforward
    where = f"{path.stem}.{function.removeprefix('xǁ').removeprefix('x_').replace('ǁ', '.')}"
    lines = get_diff_for_mutant(name, path=path).splitlines()[2:]
    was = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    becomes = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Mutant(where, was, becomes)


def listed() -> dict[Mutant, str]:
    """The mutants that may live -> the reason."""
    entries = tomllib.loads(LISTED.read_text("utf-8")).get("survivor", [])
    return {Mutant(e["where"], e["was"], e["becomes"]): e["reason"] for e in entries}


def report(total: Counter, alive: list[Mutant], unknown: int, known: dict[Mutant, str]) -> int:
    """Print the score by module and what is new; return the exit status."""
    left = Counter(mutant.where.partition(".")[0] for mutant in alive)
    print(f"\n{'module':14}{'mutants':>8}{'alive':>8}")
    for module, count in sorted(total.items()):
        print(f"{module:14}{count:8}{left[module]:8}")
    new = [mutant for mutant in alive if mutant not in known]
    for mutant in new:
        print(f"\nalive, and not in {LISTED.name}: {mutant}")
    for mutant in sorted(known.keys() - set(alive)) if not unknown else []:
        print(f"\ndead or gone; take it out of {LISTED.name}: {mutant}")
    count = total.total()
    score = (count - len(alive) - unknown) / max(1, count)
    print(f"\n{count} mutants, {len(alive)} alive, {len(new)} of them not listed: {score:.1%} seen")
    if unknown:
        print(f"{unknown} were not tried yet: run the command again, it goes on from here")
    if score < LEAST:
        print(f"the tests must see {LEAST:.0%}")
    return int(bool(new or unknown) or score < LEAST)


def main(words: list[str]) -> int:
    if bring_up_to_date() and not words:
        print("-- a source or a test changed: every mutant is tried")
        shutil.rmtree(COPY / "mutants", ignore_errors=True)
    os.chdir(COPY)
    if words == ["--survivors"]:
        words = [name for name, (verdict, _) in verdicts().items() if verdict not in SEEN]
        print(f"-- {len(words)} to try again")
        if not words:
            return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    jobs = os.environ.get("JOBS", "2")
    status = subprocess.call([mutmut, "run", "--max-children", jobs, *words])
    if status:
        print("\nmake: mutmut stopped; most often because a test fails before anything is changed.")
        print("  Cure: .venv/bin/python -m pytest -x tests/package, and mend what fails.")
        return status
    found = verdicts()
    total = Counter(path.stem for _, path in found.values())
    unknown = [name for name, (verdict, _) in found.items() if verdict in UNKNOWN]
    alive = [
        change(name, path)
        for name, (verdict, path) in found.items()
        if verdict not in SEEN | UNKNOWN
    ]
    return report(total, alive, len(unknown), listed())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
