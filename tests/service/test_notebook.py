"""The worked notebook runs over the files of a published month."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.monthly_package import to_datapackage, to_parquet
from tests.conftest import ROOT
from tests.reports.monthly_county import publication

NOTEBOOK = ROOT / "examples" / "published_figures" / "figures.ipynb"


def test_its_cells_say_the_months_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = publication(7, 300, repeats=2)[0]
    data = to_parquet(content)
    (tmp_path / "figures.parquet").write_bytes(data)
    package = to_datapackage(content, {"figures.parquet": data})
    (tmp_path / "datapackage.json").write_bytes(package)
    monkeypatch.setenv("FIGURES", str(tmp_path))
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []  # nothing of anybody's data is kept in it
            exec(compile("".join(cell["source"]), "cell", "exec"), names)
    said = capsys.readouterr().out
    of_county = next(
        line for line in content["figures"]
        if (line["by"], line["indicator"]) == ("county", "on_time")
    )  # fmt: skip
    assert f"{of_county['numerator']} of {of_county['denominator']}: " in said
    assert "covered" in said
