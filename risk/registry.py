"""Models kept as files: what was learnt, from which data, by which code, how good it was.

Saved with skops, which stores no code; a file that asks for any type but those below is refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from data.errors import ConfigError, NotFound

from .forecaster import Forecaster
from .serving import Choice

TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)
"""Types beyond those skops trusts by itself: the trees of boosting."""


def code_version() -> str:
    """The package's version and a hash of this room's code: another one forecasts differently."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return f"{metadata.version('zaojie')}+{digest.hexdigest()[:12]}"


def data_hash(cases: pd.DataFrame) -> str:
    """SHA-256 of a case table's contents, so that a model can name what it learnt from."""
    return hashlib.sha256(pd.util.hash_pandas_object(cases, index=False).to_numpy()).hexdigest()


def save(folder: Path, forecaster: Forecaster, card: dict[str, Any]) -> str:
    """Writes a model and its card; returns its version.

    Args:
        folder: the registry; made if it is not there.
        card: what the reader should know: `data_hash`, `code_version`, `seed`, `as_of`, metrics.
    """
    learnt = {**asdict(forecaster), "members": forecaster.members}
    content = skops.io.dumps(learnt)
    version = hashlib.sha256(
        json.dumps([card, asdict(forecaster.choice)], sort_keys=True, default=str).encode()
    ).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{version}.skops").write_bytes(content)
    card = {**card, "version": version, "sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(card, indent=1, sort_keys=True, default=str)
    (folder / f"{version}.json").write_text(text + "\n", "utf-8")
    return version


def load(folder: Path, version: str) -> tuple[Forecaster, dict[str, Any]]:
    """A model and its card.

    Raises:
        NotFound: no such version.
        ConfigError: the file was changed since it was saved, or asks for untrusted types.
    """
    if not version.isalnum() or not (folder / f"{version}.json").is_file():
        raise NotFound("risk.registry.unknown", version=version)
    card = json.loads((folder / f"{version}.json").read_text("utf-8"))
    content = (folder / f"{version}.skops").read_bytes()
    if hashlib.sha256(content).hexdigest() != card.get("sha256"):
        raise ConfigError("risk.registry.changed", version=version)
    try:
        learnt = skops.io.loads(content, trusted=list(TRUSTED))
    except UntrustedTypesFoundException as err:
        raise ConfigError("risk.registry.untrusted", version=version) from err
    learnt["choice"] = Choice(**learnt["choice"])
    for name in ("columns", "late_shares"):
        learnt[name] = tuple(learnt[name])
    learnt["weights"] = tuple(tuple(pair) for pair in learnt["weights"])
    return Forecaster(**learnt), card
