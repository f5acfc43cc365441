"""The repository speaks of the project alone: no registry, no machine, no place of work."""

import re

# Written so that this file does not find itself.
REGISTRY = re.compile(r"p[y]pi\.|python[h]osted|registry\.n[p]m|n[p]mmirror")
MACHINE = re.compile(r"(?<![\w./-])/(?:work|root|tmp|home|Users|opt)/[\w.]")
TORCH_INDEX = "download." + "pytorch.org"


def texts(files):
    for path in files:
        try:
            yield path, path.read_text("utf-8")
        except UnicodeDecodeError:
            assert path.suffix in {".png", ".woff2", ".ico", ".npz"}, f"{path} is no text"


def test_no_registry_and_no_machine(files, root):
    found = []
    for path, text in texts(files):
        for pattern in (REGISTRY, MACHINE):
            found += [f"{path.relative_to(root)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_the_torch_index_is_named_once(files, root):
    places = [str(path.relative_to(root)) for path, text in texts(files) if TORCH_INDEX in text]
    assert places == ["Makefile"]
    assert (root / "Makefile").read_text("utf-8").count(TORCH_INDEX) == 1


def test_sources_are_short(files, root):
    """One idea a file; prose and data may be longer."""
    long = {
        str(path.relative_to(root)): lines
        for path, text in texts(files)
        if path.suffix in {".py", ".sh"} and (lines := text.count("\n")) > 260
    }
    assert long == {}
