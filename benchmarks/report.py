"""Stores what `attention.py` measured, and writes the tables of the two READMEs from it."""

import datetime
import json
import os
import platform
import re
from pathlib import Path

from cbam_teach.checkpoints import write_text

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "cbam_teach" / "results"
READMES = {"en": ROOT / "README.md", "tr": ROOT / "README.tr.md"}
MARKED = re.compile(r"(<!-- benchmark: begin -->\n).*?(<!-- benchmark: end -->)", re.DOTALL)
WORDS = {
    "en": {
        "head": "measured at (B, C, H, W)",
        "CBAM forward": "CBAM, forward",
        "CBAM forward and backward": "CBAM, forward and backward",
        "dynamic spatial forward": "dynamic spatial mask, forward",
        "CBAM peak memory": "CBAM, peak memory of both passes",
        "naive": "as the notes write it", "timm": "timm", "cbam_teach": "`cbam_teach`",
        "compiled": "under `torch.compile`", "folded": "folded", "copy": "copying the map",
        "note": "{machine}, PyTorch {torch}, {device}, {date}; medians of {rounds} interleaved "
        "rounds. In brackets: how many times faster (or smaller) than the notes' way. "
        "Made again by `{command}`.",
    },
    "tr": {
        "head": "(B, C, H, W) ölçüsünde",
        "CBAM forward": "CBAM, ileri",
        "CBAM forward and backward": "CBAM, ileri ve geri",
        "dynamic spatial forward": "dinamik uzamsal maske, ileri",
        "CBAM peak memory": "CBAM, iki geçişte en yüksek bellek",
        "naive": "notlardaki yazılış", "timm": "timm", "cbam_teach": "`cbam_teach`",
        "compiled": "`torch.compile` ile", "folded": "tek çekirdekte",
        "copy": "haritayı kopyalamak",
        "note": "{machine}, PyTorch {torch}, {device}, {date}; sırayla değişen {rounds} turun "
        "ortancası. "
        "Ayraç içinde: notlardaki yazılıştan kaç kat hızlı (ya da küçük) olduğu. "
        "Yeniden üreten komut: `{command}`.",
    },
}  # fmt: skip


def result(figures: list[dict], *, command: str, device: str, rounds: int) -> dict:
    """The figures together with what is needed to make them again."""
    import torch

    cuda = device == "cuda"
    return {
        "command": command,
        "seed": 0,
        "device": device,
        "machine": torch.cuda.get_device_name() if cuda else processor(),
        "threads": torch.get_num_threads(),
        "rounds": rounds,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "date": datetime.date.today().isoformat(),
        "figures": figures,
    }


def processor() -> str:
    """The processor's name as the system gives it, and how many the process may use."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return f"{found[1] if found else platform.machine()}, {os.cpu_count()} processors"


def table(result: dict, language: str) -> str:
    """A Markdown table: one row for each contestant, one column for each shape."""
    words = WORDS[language]
    shapes = list(dict.fromkeys(tuple(figure["shape"]) for figure in result["figures"]))
    rows: dict[tuple[str, str], list[str]] = {}
    for figure in result["figures"]:
        cell = f"{figure['value']:.2f} {figure['unit']} ({figure['ratio']:.2f}×)"
        if language == "tr":
            cell = cell.replace(".", ",")
        rows.setdefault((figure["what"], figure["who"]), []).append(cell)
    lines = ["| " + " | ".join([words["head"], *map(str, shapes)]) + " |"]
    lines += ["| --- |" + " ---: |" * len(shapes)]
    before = ""
    for (what, who), cells in rows.items():
        if what != before:
            lines.append(f"| **{words[what]}** |" + " |" * len(shapes))
            before = what
        named = ", ".join(words[part] for part in who.split(", "))
        lines.append("| " + " | ".join([named, *cells]) + " |")
    note = words["note"].format(**{key: result[key] for key in result if key != "figures"})
    return "\n".join([*lines, "", note, ""])


def store(result: dict) -> None:
    """Write the stored result, then the tables; each file is replaced whole or not at all."""
    RESULTS.mkdir(exist_ok=True)
    name = f"attention_{result['device']}.json"
    write_text(RESULTS / name, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"stored cbam_teach/results/{name}")
    if result["device"] != "cpu":
        return
    for language, readme in READMES.items():
        text = readme.read_text(encoding="utf-8")
        new, count = MARKED.subn(lambda m, to=language: m[1] + table(result, to) + m[2], text)
        if count != 1:
            raise SystemExit(f"{readme.name}: the benchmark's two marks must stand there once.")
        write_text(readme, new)
        print(f"wrote the table in {readme.name}")
