"""Backups: made, verified and let go; brought back, with texts that have ended since ended again.

A backup says the hash of the last whole day's report; whoever brings it back makes that report
again, and it is the same to the digit.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

from data import audit
from data.anchors import Broken
from data.backup import container, key_file, scratch
from data.backup.loss import begin_anew
from data.backup.manifest import MOST_DAYS, Manifest
from data.backup.restore import evidence, put_back, refuse_if_held
from data.backup.sealing import Lock, Opener
from data.backup.snapshot import snapshot
from data.column_files import folder_of
from data.db import Db
from data.errors import ConfigError
from data.scope import Scope
from reports.facts_json import to_json
from settings import ROOT, Settings

from . import retention
from .report import made as report_made

NAME = re.compile(r"zaojie-(\d{8}T\d{6}Z)-[0-9a-f]{16}\.backup(\.age|\.gpg)?")
PATTERN = "zaojie-*.backup*"
_ROOMS = ("geo", "data", "casework", "reports", "service")
"""What the figures of a report come out of."""


@dataclass(frozen=True)
class Backup:
    """A backup that was made.

    is_read_back: it was opened again and compared to the byte; else it was sealed for a key that is
    not here. let_go: older ones that were deleted.
    """

    path: Path
    manifest: Manifest
    is_read_back: bool
    let_go: tuple[Path, ...]


@dataclass(frozen=True)
class Restored:
    """A backup that came back.

    has_keys: the keys it was made with are there. ended: keys of cases destroyed now, because they
    were due since; None = not looked at. report: `same`, `differs`, or `other_program`: it differs
    and another version of the program made it; `none`: there was none. broken: what does not fit in
    the log.
    """

    manifest: Manifest
    has_keys: bool
    ended: int | None
    report: str
    broken: tuple[Broken, ...]

    @property
    def is_whole(self) -> bool:
        """Whether everything that came back is what was saved."""
        return self.report != "differs" and not self.broken


def back_up(
    db: Db, scope: Scope, out: Path, lock: Lock, var: Path,
    *, opener: Opener | None = None, keep_days: int = MOST_DAYS,
) -> Backup:  # fmt: skip
    """Make a backup while people write; verified before older ones are let go.

    Args:
        out: a folder (made if it is not there) or a file that does not exist yet. var: where the
            unsealed copy lies while it is made. opener: what opens it again, to read it back.
        keep_days: 1 to `MOST_DAYS`; in a folder, backups that are older are deleted.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: with what is wrong; no file is left behind. StoreFull: no room.
    """
    scope.need("operator")
    if not 1 <= keep_days <= MOST_DAYS:
        raise ConfigError("backup.error.days", most=MOST_DAYS)
    backup_id = secrets.token_hex(8)
    is_folder = out.is_dir() or not out.suffix
    folder = out if is_folder else out.parent
    key_file.refuse_beside(folder, f"{key_file.NAME}*", out)
    with db.write() as conn:
        audit.write(db, conn, scope, "backed_up", backup_id)
        at = db.stamp(conn)
    with _scratch(var) as lying, snapshot(db, scope, lying) as state:
        manifest = Manifest(
            backup_id, at, (at + dt.timedelta(days=keep_days)).date(), db.engine.dialect.name,
            state.revision, program(), state.payload.name, "", state.tables, state.anchor,
            key_file.marks(db.keys), _report(state.db, scope, _day(db, at)),
        )  # fmt: skip
        if state.db is not db:
            state.db.engine.dispose()  # folds what SQLite keeps beside its file into it
        manifest = replace(manifest, sha256=container.sha256_of(state.payload))
        folder.mkdir(parents=True, exist_ok=True)
        name = f"zaojie-{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{backup_id}.backup{lock.suffix}"
        path = out / name if is_folder else out
        container.write(path, manifest, state.payload, lock)
    is_read_back = _read_back(path, manifest, opener or Opener(None, lock.passphrase_file))
    let_go = _let_go(folder, at, keep_days, path) if is_folder else ()
    return Backup(path, manifest, is_read_back, let_go)


def _read_back(path: Path, manifest: Manifest, opener: Opener) -> bool:
    if not container.can_open(path, opener):
        return False
    try:
        if container.check(path, opener) != manifest:
            raise ConfigError("backup.error.changed", file=path)
    except ConfigError:
        path.unlink(missing_ok=True)
        raise
    return True


def _let_go(folder: Path, now: dt.datetime, keep_days: int, new: Path) -> tuple[Path, ...]:
    """Delete the backups of a folder that are older than so many days, by the moment they bear."""
    gone = []
    for path in sorted(folder.glob(PATTERN)):
        made = moment_of(path)
        if path != new and made is not None and now - made > dt.timedelta(days=keep_days):
            path.unlink()
            gone.append(path)
    return tuple(gone)


def moment_of(path: Path) -> dt.datetime | None:
    """When a backup was made, by its name; None = not a name of ours."""
    match = NAME.fullmatch(path.name)
    if match is None:
        return None
    return dt.datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)


def newest(path: Path) -> Path:
    """The newest backup of a folder; a file is itself.

    Raises:
        ConfigError: the folder holds none.
    """
    if not path.is_dir():
        return path
    found = [one for one in path.glob(PATTERN) if moment_of(one) is not None]
    if not found:
        raise ConfigError("backup.error.none_here", folder=path)
    return max(found, key=lambda one: one.name)


def back_up_keys(db: Db, scope: Scope, keys: Path, out: Path, lock: Lock) -> Path:
    """Seal the key file into a file of its own, apart from backups of the data; noted in the log.

    Raises:
        NotAllowed: not the server's operator. ConfigError: as `back_up`.
    """
    scope.need("operator")
    is_folder = out.is_dir() or not out.suffix
    folder = out if is_folder else out.parent
    key_file.refuse_beside(folder, PATTERN, out)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{key_file.NAME}{db.now().astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.json{lock.suffix}"
    path = out / name if is_folder else out
    key_file.save_sealed(keys, path, lock)
    with db.write() as conn:
        audit.write(db, conn, scope, "keys_backed_up")
    return path


def restore(
    path: Path, settings: Settings, opener: Opener,
    *, keys: Path | None = None, keys_opener: Opener | None = None, are_lost: bool = False,
) -> Restored:  # fmt: skip
    """Bring a backup back into the empty database of the settings, with its keys.

    Texts that were due since the backup was made end before anything is served. What came back is
    noted in its log.

    Args:
        keys: the key file or its sealed backup, put in place; None = the one of the settings.
        keys_opener: what opens it; None = as the backup.
        are_lost: the keys are gone for good: new ones are made under new versions.

    Raises:
        ConfigError: with what is wrong. What was put into the database by then stays there, and is
            to be thrown away. StoreFull: no room.
    """
    refuse_if_held(settings.database)
    with _scratch(settings.var) as lying:
        manifest, payload = container.unpack(path, opener, lying)
        _put_keys(manifest, settings.keys, keys, keys_opener or opener, are_lost)
        put_back(manifest, payload, settings.database)
    db = Db.open(settings)
    if (kept := folder_of(db)) is not None:  # columns of the record that was at this address
        shutil.rmtree(kept, ignore_errors=True)
    try:
        with db.write() as conn:
            audit.write(db, conn, Scope.operator(), "restored", manifest.backup_id)
        if are_lost:
            begin_anew(db, Scope.operator())
        return _looked_at(db, manifest, not are_lost)
    finally:
        db.engine.dispose()


def _put_keys(
    manifest: Manifest, place: Path, given: Path | None, opener: Opener, are_lost: bool
) -> None:
    """The keys of a backup in their place, or new ones where they are lost for good."""
    if are_lost:
        if place.exists():
            raise ConfigError("backup.error.keys_there", path=place)
        key_file.after_loss(manifest.keys).save(place)
        return
    source = given or place
    if not source.exists():
        raise ConfigError("backup.error.keys_missing", path=source)
    found = key_file.load_sealed(source, opener)
    if not key_file.are_those(found, manifest.keys):
        raise ConfigError("backup.error.other_keys", path=source)
    if given is not None and given != place:
        if place.exists():
            raise ConfigError("backup.error.keys_there", path=place)
        found.save(place)


def check(
    path: Path, settings: Settings, opener: Opener,
    *, keys: Path | None = None, keys_opener: Opener | None = None, server: str | None = None,
) -> Restored:  # fmt: skip
    """The restore test: bring the newest backup back into a scratch database, look at everything,
    and throw it away.

    Args:
        path: a backup or a folder of them. keys: as `restore`; None = those of the settings, and
            without them the rest is looked at. server: for a backup of PostgreSQL, a URL whose user
            may create a database; None = that of the settings.

    Raises:
        ConfigError: with what is wrong.
    """
    path = newest(path)
    with _scratch(settings.var) as lying:
        manifest, payload = container.unpack(path, opener, lying)
        held, place = keys or settings.keys, lying / "keys.json"
        has_keys = held.exists()
        if has_keys:
            _put_keys(manifest, place, held, keys_opener or opener, False)
        else:
            key_file.after_loss(manifest.keys).save(place)
        with scratch.database(manifest.database, lying, server or settings.database) as url:
            put_back(manifest, payload, url)
            db = Db.open(replace(settings, database=url, keys=place, var=lying))
            try:
                return _looked_at(db, manifest, has_keys)
            finally:
                db.engine.dispose()


def _looked_at(db: Db, manifest: Manifest, has_keys: bool) -> Restored:
    """Texts that were due ended, then the log, then the report made again."""
    scope, ended, same = Scope.operator(), None, "none"
    if manifest.report is not None:
        ended = retention.end_texts(db, scope, retention.due(db, scope, db.now()))
        day = dt.date.fromisoformat(manifest.report["day"])
        again = _report(db, scope, day)
        if again == manifest.report:
            same = "same"
        else:
            same = "differs" if manifest.program == program() else "other_program"
    return Restored(manifest, has_keys, ended, same, tuple(evidence(db, scope, manifest)))


def _day(db: Db, at: dt.datetime) -> dt.date | None:
    """The last whole local day before a moment, or an extract's last; None = not set up."""
    try:
        county = db.county()
    except ConfigError:
        return None
    if county.ends_on is not None:
        return dt.date.fromisoformat(county.ends_on)
    return at.astimezone(ZoneInfo(county.zone)).date() - dt.timedelta(days=1)


def _report(db: Db, scope: Scope, day: dt.date | None) -> dict[str, str] | None:
    if day is None:
        return None
    content = to_json(report_made(db, scope, "daily", day))
    return {"day": day.isoformat(), "sha256": hashlib.sha256(content).hexdigest()}


@cache
def program() -> str:
    """The package's version and a hash of what reports come out of: another one may say other
    figures."""
    digest = hashlib.sha256()
    for path in sorted(p for room in _ROOMS for p in (ROOT / room).rglob("*.*")):
        if path.suffix in (".py", ".toml"):
            digest.update(path.read_bytes())
    return f"{metadata.version('zaojie')}+{digest.hexdigest()[:12]}"


@contextmanager
def _scratch(var: Path) -> Iterator[Path]:
    """A folder of our own beside the database, readable by its owner only; gone afterwards."""
    var.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="backup-", dir=var))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
