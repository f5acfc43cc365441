"""Where attention stands in a block: the terms of its last sum, and which of them it touched."""

from dataclasses import dataclass
from functools import cached_property

from cbam_teach.doctor.anatomy import Gating, Structure


@dataclass
class Place:
    """The terms of a block's last sum, told apart.

    Attributes:
        declared: where attention is said to stand.
        main: the heaviest term that attention had a part in, or None.
        entry: the features that the first mask multiplies, or what attention is given.
        found: "inside", "before", "after", "beside", "middle" (of the branch), "unused".
        branch: the terms that the residual branch adds; with attention "inside" the one that
            attention touched, and its features where they are added bare as well.
        skips: the terms of the skip path.
        others: further terms with layers of their own.
    """

    structure: Structure
    declared: str

    def __post_init__(self) -> None:
        s = self.structure
        touched = [t for t in s.terms if s.attended(t)]
        bare = [t for t in s.terms if t not in touched]
        self.main = max(touched, key=s.weight) if touched else None
        self.entry = self._entry()
        self.found = self._found(bare)
        self.branch: list[int] = []
        self.skips: list[int] = []
        self.others: list[int] = []
        if self.found in ("inside", "before", "middle") and self.main is not None:
            self._sort(self.main, [t for t in s.terms if t != self.main])
        elif s.terms:
            heavy = max(bare or s.terms, key=s.weight)
            self._sort(heavy, [t for t in s.terms if t != heavy])

    def _entry(self) -> int | None:
        """Return the features that the first mask multiplies, or what attention is given."""
        s = self.structure
        if self.main is not None:
            back = set(s.graph.back(self.main, s.inputs))
            inside = [g for g in s.gatings if g.out in back]
        else:
            inside = s.gatings
        if inside:
            return inside[0].features
        return next(iter(s.given.values()), None)

    def _found(self, bare: list[int]) -> str:
        s = self.structure
        if s.behind and self.main is None:
            return "after"
        end = s.graph.record.output if not s.terms else self.main
        if end is None or self.entry is None or not s.attended(end):
            return "unused"
        before = len(s.layers(self.entry))
        behind = len(s.layers(end)) - before
        if behind > 0:
            return "middle" if before else "before"
        heaviest = max(map(s.weight, bare), default=(0, 0))
        mine = s.weight(self.entry)
        tie = heaviest == mine and self.declared == "beside"
        if not s.terms:
            return "inside" if before else "before"
        return "beside" if tie or heaviest > mine or (not before and bare) else "inside"

    def _sort(self, main: int, rest: list[int]) -> None:
        """Tell the terms beside the main one apart."""
        s = self.structure
        features = None if self.entry is None else s.root(self.entry)
        self.branch = [main]
        plain = [t for t in rest if not s.layers(t)]
        for term in rest:
            if (
                self.found not in ("after", "beside")
                and s.root(term) == features
                and s.layers(term)
            ):
                self.branch.append(term)
            elif term in plain:
                self.skips.append(term)
            else:
                self.others.append(term)
        if not plain and self.others:
            lightest = min(map(s.weight, self.others))
            self.skips = [t for t in self.others if s.weight(t) == lightest]
            self.others = [t for t in self.others if s.weight(t) != lightest]

    @cached_property
    def seen(self) -> str:
        """What attention is given: "input", "branch", "sum", "skip" or "other"."""
        s = self.structure
        given = next(iter(s.given.values()), self.entry)
        if given is None:
            return "other"
        back = set(s.graph.back(given, s.inputs))
        direct, layers = s.direct(given), bool(s.layers(given))
        if s.total is not None and s.total in back:
            return "sum"
        if direct:
            return "sum" if layers else "input"
        paths = {v for t in self.skips for v in s.graph.back(t, s.inputs)} - {0}
        if given in paths or (self.found == "beside" and self.entry in back):
            return "skip"
        return "branch" if layers else "other"

    @cached_property
    def same(self) -> bool:
        """Whether the mask multiplies the features from which it was computed."""
        s = self.structure
        if not s.graph.names:
            return all(map(self._own, s.gatings))
        for name, given in s.given.items():
            mine = [g for g in s.gatings if self._made_by(name, g)]
            away = mine and s.root(mine[0].features) != s.root(given)
            if mine and (away or name in s.several) and not self._own(mine[0]):
                return False
        return True

    def _own(self, gating: Gating) -> bool:
        """Return whether a mask was computed from the features that it multiplies alone."""
        s = self.structure
        seen = {s.root(v, pooled=True) for v in s.looked_at(gating)}
        return seen == {s.root(gating.features)}

    def _made_by(self, name: str, gating: Gating) -> bool:
        """Return whether a module had a part in a mask."""
        made = self.structure.graph.steps_between(gating.features, gating.factor)
        return any(name in step.scope for step in made)
