"""The front end of the live figures: its pure functions in Node's own runner, and its words."""

import os
import re
import subprocess
import tomllib

import pytest

TOP = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.M)
LINKS = re.compile(r"^(?:import|export default)\b.*$", re.M)
ALLOWED = re.compile(r'import \{[^{}*]+\} from "\./\w+\.js";|export default \{ render \};')
AT_TOP = re.compile(r"^(?!import|export|function|async|const|class|//|[}\s]|$).*", re.M)
CALL = re.compile(r'say\("(?P<key>[\w.]+)", \{(?P<values>[^{}]*)\}\)')
FORBIDDEN = re.compile(r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML")


@pytest.fixture(scope="module")
def sources(root):
    folder = root / "cbam_teach" / "live" / "front"
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.js"))}


def test_the_functions_of_the_front_end(tool, root):
    node = tool("install_assets").node()
    if node is None:
        assert "CI" not in os.environ, "no node was found, and here the front end must be tested"
        pytest.skip("no node here: `make node_modules/.done` brings one")
    tests = sorted(str(path) for path in (root / "tests" / "front").glob("*.test.mjs"))
    command = [node, "--test", "--test-reporter=tap", *tests]
    run = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]
    assert int(re.search(r"^# pass (\d+)", run.stdout, re.M)[1]) >= 30


def test_every_word_of_the_front_end_is_in_the_catalogue(root, sources):
    """And every word of the catalogue is asked for: a key that nobody names is a leftover."""
    words = tomllib.loads((root / "cbam_teach" / "words.toml").read_text("utf-8"))
    known = {key.removeprefix("live.ui.") for key in words if key.startswith("live.ui.")}
    text = "\n".join(sources.values())
    asked = set(re.findall(r'\b(?:say|Refusal)\("([\w.]+)"', text))
    assert asked <= known
    quoted = set(re.findall(r'"([\w.]+)"', text))
    assert known <= quoted


def test_the_places_of_a_text_are_filled(root, sources):
    words = tomllib.loads((root / "cbam_teach" / "words.toml").read_text("utf-8"))
    calls = [found for text in sources.values() for found in CALL.finditer(text)]
    assert len(calls) > 8
    for call in calls:
        given = set(re.findall(r"(?:^|,)\s*([a-z]+)\b", call["values"]))
        for text in words[f"live.ui.{call['key']}"].values():
            assert set(re.findall(r"\{(\w+)\}", text)) == given, call[0]


def test_the_modules_can_be_joined(sources):
    """Flat, each top-level name once, nothing done at the top, nothing evaluated."""
    names = [name for text in sources.values() for name in TOP.findall(text)]
    assert sorted(names) == sorted(set(names))
    for name, text in sources.items():
        assert text.startswith("// "), f"{name} does not say what it is"
        assert text.count("\n") <= 200, f"{name} is long"
        assert [line for line in LINKS.findall(text) if not ALLOWED.fullmatch(line)] == []
        assert AT_TOP.findall(text) == []
        assert FORBIDDEN.findall(text) == []
