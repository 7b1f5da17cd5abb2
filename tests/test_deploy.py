"""What lies in deploy/ agrees with itself, with the program's settings and with its command line."""

import json
import re
import shlex
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
import typer

from dashboard.__main__ import cli
from dashboard.shell.settings import Settings
from dashboard.web import requests, server

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [one for one in UNITS if one.suffix == ".service"]
NGINX = (DEPLOY / "nginx" / "chenxi.conf").read_text()
PAGE = (ROOT / "docs" / "deployment.md").read_text()
PORTS = ["8501", "8502"]
OUTSIDE = {"DATABASE_URL", "STREAMLIT_SERVER_COOKIE_SECRET"}  # settings without our prefix


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=True, interpolation=None, delimiters="=")
    parser.optionxform = str
    parser.read_string(path.read_text().replace("\\\n", ""))
    return parser


def started(path: Path) -> tuple[dict[str, str], list[str]]:
    """What a service sets beside chenxi.env, and what it starts."""
    words = shlex.split(unit(path)["Service"]["ExecStart"].replace("%i", PORTS[0]))
    program = words.index("/opt/chenxi/.venv/bin/python")
    assert words[:program][:1] in ([], ["/usr/bin/env"])
    return dict(one.split("=", 1) for one in words[1:program]), words[program + 1 :]


def environment() -> dict[str, str]:
    lines = (DEPLOY / "chenxi.env").read_text().splitlines()
    return {name: shlex.split(value)[0] for name, _, value in (one.partition("=") for one in lines if one[:1] != "#")}


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_what_a_service_starts_is_a_command_with_options_that_it_takes(service):
    _settings, (module, name, command, *arguments) = started(service)
    assert (module, name) == ("-m", "dashboard")
    typer.main.get_command(cli).commands[command].make_context(
        command, arguments
    )  # raises what an unusable call raises


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_a_service_is_set_by_settings_that_there_are_to_places_it_may_write_to(service, monkeypatch):
    said = environment() | started(service)[0]
    known = {f"CHENXI_{name.upper()}" for name in Settings.model_fields} | OUTSIDE
    assert set(said) <= known
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    found, held = Settings(), unit(service)["Service"]
    assert found.proxies == ["127.0.0.1"] and found.database_url.startswith("postgresql+psycopg://")
    assert {held["StateDirectory"].split()[0], held["LogsDirectory"]} == {"chenxi"}
    assert held["ProtectSystem"] == "strict" and held["User"] == "chenxi"
    for folder in (found.backups, found.snapshots, found.packed):
        assert folder.is_relative_to("/var/lib/chenxi")
    assert found.logs.is_relative_to("/var/log/chenxi")
    assert not found.audit_key.is_relative_to(found.backups)


def test_a_backup_may_write_where_it_goes():
    held = unit(DEPLOY / "systemd" / "chenxi-backup.service")["Service"]
    assert f"--to {held['ReadWritePaths']} " in held["ExecStart"]


def test_each_process_has_its_own_port_log_snapshot_and_meters():
    pages = DEPLOY / "systemd" / "chenxi@.service"
    own, words = started(pages)
    assert words[-2:] == ["--port", PORTS[0]]
    assert set(own) == {"CHENXI_LOGS", "CHENXI_SNAPSHOTS", "CHENXI_METRICS"}
    assert all(PORTS[0] in value for value in own.values())
    assert "Environment" not in unit(pages)["Service"], "chenxi.env would go over it"


def test_each_timer_has_its_service():
    timers = {one.stem for one in UNITS if one.suffix == ".timer"}
    assert timers == {"chenxi-tick", "chenxi-backup"} <= {one.stem for one in SERVICES}
    for name in timers:
        held = unit(DEPLOY / "systemd" / f"{name}.timer")
        assert held["Timer"]["OnCalendar"] and held["Install"]["WantedBy"] == "timers.target"


def test_nginx_asks_the_processes_that_are_started_and_by_the_cookie_that_browsers_have():
    assert re.findall(r"server 127\.0\.0\.1:(\d+)", NGINX) == PORTS
    assert f"map $cookie_{requests.DEVICE} $chenxi_browser" in NGINX and "hash $chenxi_browser consistent" in NGINX
    assert f"map $cookie_{requests.COOKIE} $chenxi_stranger" in NGINX
    for port in PORTS:
        assert f"chenxi@{port}" in PAGE


def test_nginx_answers_to_the_names_that_the_program_does():
    names = set(re.findall(r"server_name (\S+);", NGINX))
    assert names == set(json.loads(environment()["CHENXI_HOSTS"]))


def test_nginx_lets_in_what_the_program_takes_and_keeps_what_it_needs():
    largest = tomllib.loads(server.CONFIG.read_text())["server"]["maxUploadSize"]
    assert int(re.search(r"client_max_body_size (\d+)m", NGINX)[1]) > largest
    assert int(re.search(r"proxy_read_timeout (\d+)h", NGINX)[1]) >= Settings.model_fields["session_hours"].default
    for header in ("Host              $http_host", "X-Forwarded-For   $remote_addr", "X-Forwarded-Proto $scheme"):
        assert f"proxy_set_header {header};" in NGINX
    for name in ("Upgrade", "Connection"):
        assert f"proxy_set_header {name} " in NGINX
    assert "location = /_stcore/stream" in NGINX and "$request_uri" not in NGINX.split("log_format")[1].split(";")[0]
    zones = re.findall(r"(?:keys_zone=|shared:|_zone \S+ +zone=)(\w+)", NGINX)
    assert len(zones) == len(set(zones)), "nginx refuses two zones of one name"


def test_the_page_for_the_bank_names_every_file_that_is_deployed():
    for path in (DEPLOY / "chenxi.env", DEPLOY / "nginx" / "chenxi.conf"):
        assert str(path.relative_to(ROOT)) in PAGE
    assert "deploy/systemd/*" in PAGE and all(one.stem.split("@")[0] in PAGE for one in UNITS)
    for path in re.findall(r"/etc/chenxi/[\w./-]+", NGINX + "".join(one.read_text() for one in UNITS)):
        assert path in PAGE or path.removeprefix("/etc/chenxi/tls/") in PAGE, path
