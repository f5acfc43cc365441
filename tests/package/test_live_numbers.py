"""What is said of a mask: the page's own numbers beside Python's."""

import shutil
import subprocess
from pathlib import Path

import pytest
import torch

from cbam_teach.live.views import numbers

STATISTICS = Path(__file__).parents[2] / "cbam_teach" / "live" / "front" / "statistics.js"
SCRIPT = """
  import * as s from "{module}";
  const [mask, shares] = [{mask}, {shares}].map((list) => Float32Array.from(list));
  const said = [s.meanOf(mask), s.saturatedShare(mask), s.maskEntropy(mask)];
  console.log([...said, s.sharesEntropy(shares, 3)].join(" "));
"""


def test_the_page_and_python_say_the_same_numbers():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here")
    mask = torch.cat([torch.rand(94), torch.tensor([0, 1, 0.01, 0.99, 0.0099, 0.9901])])
    shares = torch.softmax(4 * torch.randn(1, 3, 2, 5), dim=1)
    script = SCRIPT.format(
        module=STATISTICS.as_uri(), mask=mask.tolist(), shares=shares.flatten().tolist()
    )
    command = [node, "--input-type=module", "-e", script]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    found = [float(word) for word in run.stdout.split()]
    ours = numbers(mask.view(1, 1, 10, 10), shares=False)
    expected = [ours["mean"], ours["saturated"], ours["entropy"]]
    assert found == pytest.approx([*expected, numbers(shares, shares=True)["entropy"]], abs=1e-9)
