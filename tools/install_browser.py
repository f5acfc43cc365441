"""Sees to a Chromium for the browser tests.

One that is present is taken, the headless shell first: it draws the same pages with less
work. Where there is none, Debian's package is installed if that is possible without asking;
otherwise the tests that need it are skipped, except in CI.
"""

import os
import shutil
import subprocess
import sys

NAMES = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
]


def find() -> str | None:
    """The first browser on the PATH that the tests can drive."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> bool:
    """Installs Debian's headless Chromium; False where this machine does not allow it."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    print("-- installing Debian's headless Chromium for the browser tests", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}

    def done(*words: str) -> bool:
        return subprocess.run(["apt-get", *words], env=quiet, check=False).returncode == 0

    take = ("install", "-q", "-y", "--no-install-recommends")
    # Older releases have the whole browser only.
    return done("update", "-q") and any(done(*take, name) for name in NAMES[:2])


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


def main() -> int:
    if find() or (install() and find()):
        return 0
    print("make: no Chromium here, so the browser tests cannot run.", file=sys.stderr)
    print("  Cure: sudo apt install chromium   (macOS: brew install chromium)", file=sys.stderr)
    if in_ci():
        return 1
    print("  Going on without them.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
