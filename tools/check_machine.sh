#!/bin/sh
# Is everything here that `make` itself cannot install? Says what is missing and what cures it.
# Usage: tools/check_machine.sh PYTHON
python=${1:-python3}

fail() {
    printf '\nmake: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

case "$(uname -s)" in
MINGW* | MSYS* | CYGWIN*)
    fail "this is Windows; the book is built on Linux or macOS." \
        "Cure: open a WSL terminal (wsl --install), clone the repository there, run make again."
    ;;
esac

command -v "$python" >/dev/null 2>&1 ||
    fail "no '$python' on this machine." \
        "Cure: sudo apt install python3 python3-venv   (macOS: brew install python)" \
        "or name another one: make PYTHON=python3.12 …"

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "'$python' is $("$python" -V 2>&1); 3.11 or newer is needed." \
        "Cure: install a newer Python and name it: make PYTHON=python3.12 …"

# Debian ships `venv` without `ensurepip`: the import works, making an environment does not.
for module in venv ensurepip; do
    "$python" -c "import $module" >/dev/null 2>&1 || {
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "'$python' has no module '$module', so no virtual environment can be made." \
            "Cure: sudo apt install python3-venv   (or: sudo apt install python$version-venv)"
    }
done

command -v git >/dev/null 2>&1 ||
    fail "no 'git' on this machine." "Cure: sudo apt install git   (macOS: xcode-select --install)"
