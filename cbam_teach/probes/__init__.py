"""Small tasks that attention is needed for, or is not, and the networks that are tried on them.

`experiments/grid.py` trains them; what came out is in ``results.runs()``.
"""

from cbam_teach.probes.network import ProbeNet
from cbam_teach.probes.tasks import TASKS, make
from cbam_teach.probes.variants import VARIANTS, build

__all__ = ["TASKS", "VARIANTS", "ProbeNet", "build", "make"]
