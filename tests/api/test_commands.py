"""`zaojie token`: made once, listed without itself, ended."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from cli import app
from data.db import Db


def test_a_token_is_made_listed_and_ended(county: Db, tmp_path: Path) -> None:
    county.keys.save(tmp_path / "keys.json")
    env = {
        "ZAOJIE_DATABASE": str(county.engine.url), "ZAOJIE_KEYS": str(tmp_path / "keys.json"),
    }  # fmt: skip

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["token", *words], env=env)
        assert result.exit_code == code, result.output
        return result.output

    assert run("list").startswith("no token")
    made = run("make", "12345", "--body", "t01", "--channel", "hotline")
    token = made.split()[1]
    assert token.startswith("zj_")
    [line] = json.loads(run("list", "--json"))
    assert (line["state"], line["kind"], line["body_id"]) == ("good", "api", "t01")
    assert token not in run("list") + run("list", "--json")
    run("end", line["token_id"])
    assert json.loads(run("list", "--json"))[0]["state"] == "ended"
    assert "Nothing was changed" in run("end", line["token_id"], code=1)
    wrong = run("make", "x", "--body", "t01", "--channel", "on_behalf", code=1)
    assert wrong.startswith("No token was made")
    for kind in ("police", "stability", "export"):
        args = ("--body", "t01", "--channel", "hotline", "--kind", kind)
        assert "No token was made" in run("make", "x", *args, code=1)
