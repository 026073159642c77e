"""The files of `deploy/`: what must stand in them stands there, and what must not does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from public.serve import main as serve_main
from settings import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
NGINX = {
    "nginx.conf": "zaojie_residents", "residents/nginx.conf": "residents",
}  # fmt: skip
UNITS = ("zaojie.service", "zaojie-cycle.service", "residents/zaojie-residents.service")
WHO = (
    "remote_addr", "binary_remote_addr", "http_", "args", "query_string", "request_uri",
    "$request ", "remote_user", "cookie", "request_body", "realip", "proxy_add_x_forwarded_for",
)  # fmt: skip
"""Variables of nginx by which a line would say who asked, or what stood behind a question mark."""


def text(name: str) -> str:
    """A file without its comments."""
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def locations(conf: str) -> list[tuple[str, str]]:
    """(address, what stands inside) of every location."""
    return re.findall(r"location ([^{]+?) \{([^}]*)\}", conf)


@pytest.mark.parametrize("name", NGINX)
def test_a_log_of_the_residents_pages_says_neither_who_nor_what_code(name: str) -> None:
    conf, kind = text(name), NGINX[name]
    form = re.search(rf"log_format {kind} '(.*?)';", conf)
    assert form is not None
    assert form[1] == "$time_iso8601 $request_method $uri $status"
    assert not any(word in f"{form[1]} " for word in WHO)
    logs = re.findall(r"access_log\s+(\S+)\s+(\S+);", conf)
    assert {named for path, named in logs if "residents" in path} == {kind}
    # at every other level the error log carries the address of whoever asked
    assert set(re.findall(r"error_log\s+\S+\s+(\w+);", conf)) == {"crit"}


def test_the_residents_location_has_the_residents_log_and_comes_before_the_staffs() -> None:
    conf = text("nginx.conf")
    inside = dict(locations(conf))
    residents = inside["~ ^/zaojie/s(/|$)"]  # a regular expression goes before a plain prefix
    assert re.search(r"access_log\s+\S+ zaojie_residents;", residents)
    assert "client_body_in_single_buffer on;" in residents
    staff = re.search(r"log_format zaojie_staff '(.*?)';", conf)
    assert staff is not None
    assert "$uri" in staff[1]
    assert not any(word in f"{staff[1]} " for word in ("$request ", "args", "request_uri"))
    assert "proxy_request_buffering off;" in conf
    assert "proxy_max_temp_file_size 0;" in conf


def test_every_location_that_passes_on_names_all_headers_itself() -> None:
    """nginx: a location that sets one header inherits none of the server's."""
    for name in NGINX:
        passing = [inside for _, inside in locations(text(name)) if "proxy_pass" in inside]
        assert passing
        for inside in passing:
            for header in ("Host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto"):
                assert f"proxy_set_header {header}" in inside, name
    assert "proxy_set_header Upgrade" in dict(locations(text("nginx.conf")))["/zaojie/"]


def test_caddy_keeps_no_log_of_requests() -> None:
    conf = text("Caddyfile")
    assert re.search(r"exclude http\.log\.error http\.log\.access", conf)
    assert len(re.findall(r"^\s*log\b", conf, re.MULTILINE)) == 1  # the one that leaves them out
    assert conf.count("{") == conf.count("}")


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_shut_in_and_names_settings_that_exist(name: str) -> None:
    unit = text(name)
    for line in (
        "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes",
        "PrivateDevices=yes", "CapabilityBoundingSet=", "IPAddressDeny=any",
    ):  # fmt: skip
        assert f"\n{line}\n" in unit, line
    assert re.search(r"^User=zaojie", unit, re.MULTILINE)
    names = re.findall(r"^Environment=ZAOJIE_(\w+)=", unit, re.MULTILINE)
    assert {one.lower() for one in names} <= set(vars(Settings()))
    given = dict(re.findall(r"^Environment=(ZAOJIE_\w+)=(.*)$", unit, re.MULTILINE))
    Settings.from_env(given)
    assert not any("PASSWORD" in one or "SECRET" in one for one in names)


def shut_in(name: str) -> set[str]:
    """What a unit's process may not do."""
    kinds = "Protect|Private|Restrict|SystemCall|NoNew|Lock|Remove|Capability|IPAddress|UMask"
    return {line for line in text(name).splitlines() if re.match(kinds, line)}


def test_the_residents_process_may_do_no_more_than_the_staffs_and_sees_nothing_of_the_countys() -> (
    None
):
    """It is the one that strangers reach."""
    assert shut_in("zaojie.service") == shut_in(UNITS[2])
    unit = text(UNITS[2])
    assert re.search(r"^InaccessiblePaths=-/var/lib/zaojie -/etc/zaojie\b", unit, re.MULTILINE)
    assert not re.search(r"^(ReadWritePaths|StateDirectory|EnvironmentFile)=", unit, re.MULTILINE)
    # in plain form a library's line may hold what somebody sent
    assert "Environment=ZAOJIE_LOG=json\n" in unit


def test_application_and_night_share_database_and_keys() -> None:
    def shared(name: str) -> set[str]:
        lines = text(name).splitlines()
        return {
            line for line in lines if re.match(r"Environment=ZAOJIE_(DATABASE|KEYS|VAR)=", line)
        }

    assert len(shared("zaojie.service")) == 3
    assert shared("zaojie.service") == shared("zaojie-cycle.service")


def test_the_timer_is_daily_and_makes_a_missed_night_up() -> None:
    timer = text("zaojie-cycle.timer")
    assert "OnCalendar=*-*-* 01:30" in timer
    assert "Persistent=true" in timer


def test_the_image_has_two_stages_runs_as_nobody_special_and_holds_no_key() -> None:
    lines = text("Containerfile")
    assert lines.count("FROM ") == 2
    assert "--require-hashes" in lines
    assert re.search(r"^USER 10001$", lines, re.MULTILINE)
    # what a sealed backup and one of PostgreSQL call, and what the base does not have
    assert re.search(r"apt-get install .* age postgresql-client ", lines)
    # podman's own image format drops a health check without a word
    assert "HEALTHCHECK" in lines
    for name in ("Containerfile", "README.md"):
        assert "podman build --format docker -f" in (DEPLOY / name).read_text("utf-8"), name
    left_out = (DEPLOY.parent / ".dockerignore").read_text().split()
    assert {".git", ".venv", "var"} <= set(left_out)


def test_the_residents_unit_starts_with_options_that_exist(monkeypatch) -> None:
    started = re.search(r"ExecStart=\S+ -m public\.serve (.*)", text(UNITS[2]))
    assert started is not None
    seen: list[object] = []
    monkeypatch.setattr("public.serve.serve", lambda *given: seen.extend(given))
    serve_main(started[1].split())
    assert seen[1:4] == ["127.0.0.1", 8502, 2]


OF_THE_COUNTY = (
    "zaojie.service", "zaojie-cycle.service", "zaojie-backup.service",
    "zaojie-restore-check.service",
)  # fmt: skip


def test_the_countys_units_share_one_database_and_name_no_folder_that_nobody_makes() -> None:
    """A folder that is not there keeps a unit from starting: only systemd's own and the guide's."""
    guide = (DEPLOY / "README.md").read_text("utf-8")
    for name in OF_THE_COUNTY:
        unit = text(name)
        assert "Environment=ZAOJIE_DATABASE=sqlite:////var/lib/zaojie/zaojie.db" in unit, name
        assert "Environment=ZAOJIE_VAR=/var/lib/zaojie\n" in unit, name
        assert "StateDirectory=zaojie\n" in unit, name
        for paths in re.findall(r"^Read(?:Write|Only)Paths=(.*)$", unit, re.MULTILINE):
            for path in paths.split():
                assert re.search(rf"install -d .* {path.lstrip('-')}$", guide, re.MULTILINE), name
