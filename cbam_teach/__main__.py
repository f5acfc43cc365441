"""What the package does from the shell: ``python -m cbam_teach doctor package.module:factory``."""

import sys
from collections.abc import Sequence

from cbam_teach.doctor import shell
from cbam_teach.language import say, speaking


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status, 2 where there is no such command.

    Args:
        arguments: the words of the command line; those of this process unless given.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["doctor"]:
        return shell.main(words[1:])
    asked = words[:1] in (["-h"], ["--help"])
    with speaking(shell.spoken()):
        print(say("doctor.shell.usage"), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main())
