"""The wheel that Colab installs holds the package and what it reads."""

import shutil
import subprocess
import sys
import zipfile


def test_the_wheel_is_whole(root, tmp_path, files):
    """Built from a copy: a build must not leave anything in the repository."""
    source = tmp_path / "source"
    for path in files:
        if path.parts[len(root.parts)] in {"cbam_teach", "book", "pyproject.toml"} or (
            path.parent == root
        ):
            target = source / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(tmp_path)]
    subprocess.run([*pip, *options, str(source)], check=True)
    (wheel,) = tmp_path.glob("cbam_teach-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    modules = {f"cbam_teach/{path.name}" for path in (root / "cbam_teach").glob("*.py")}
    wanted = {"cbam_teach/words.toml", "cbam_teach/claims.yml", "cbam_teach/py.typed"}
    wanted |= {"cbam_teach/recipes/imagenet_cbam_resnet50.toml"}
    inside = root / "cbam_teach" / "live" / "front"
    wanted |= {f"cbam_teach/live/front/{path.name}" for path in inside.iterdir()}
    wanted |= {"cbam_teach/laboratory/weights.npz", "cbam_teach/results/laboratory.json"}
    wanted |= {"cbam_teach/opening/weights.npz", "cbam_teach/results/opening.json"}
    runs = {path.relative_to(root).as_posix() for path in files if path.parent.name == "runs"}
    assert modules | wanted | runs <= held
    assert not [name for name in held if name.startswith(("book", "tests", "tools"))]
