"""nginx as deploy/ sets it up, with other ports and folders, in front of processes of ours."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.support.servers import ROOT, free_port

SETTINGS = ROOT / "deploy" / "nginx" / "chenxi.conf"
THEIRS = ("127.0.0.1:8501", "127.0.0.1:8502")  # where it looks for the processes
AROUND = """{user}worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{ {temporary} include {folder}/chenxi.conf; }}"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx:
    """Its `address`, and the `certificate` to believe it by: whoever finds its path in SSL_CERT_FILE does."""

    def __init__(self, folder: Path, processes: Sequence[str]) -> None:
        """`processes` are the addresses of one or two."""
        self.folder, self.certificate = folder, folder / "chenxi.crt"
        folder.mkdir(exist_ok=True)
        port = free_port()
        self.address = f"https://127.0.0.1:{port}"
        self.process: subprocess.Popen | None = None
        said, places = SETTINGS.read_text(), [urlsplit(one).netloc for one in processes]
        for theirs, ours in (
            ("/etc/chenxi/tls", str(folder)),
            ("/var/log/nginx", str(folder)),
            ("/var/cache/nginx/chenxi", str(folder / "cache")),
            ("listen 443", f"listen 127.0.0.1:{port}"),
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
            *zip(THEIRS, places, strict=False),
        ):
            if theirs not in said:
                raise ValueError(f"{theirs} is not in {SETTINGS}")
            said = said.replace(theirs, ours)
        lines = [one for one in said.splitlines() if not any(theirs in one for theirs in THEIRS[len(places) :])]
        (folder / "chenxi.conf").write_text("\n".join(lines))
        temporary = " ".join(f"{one}_temp_path {folder}/{one};" for one in TEMPORARY)
        user = "" if os.geteuid() else "user root; "  # or its worker could not read a folder of root's
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, temporary=temporary, user=user))

    def start(self) -> None:
        """Returns once it answers. Skips where there is no nginx."""
        if shutil.which("nginx") is None:
            pytest.skip("no nginx")
        key = ("-keyout", "chenxi.key", "-out", "chenxi.crt", "-subj", "/CN=127.0.0.1", "-days", "2")
        key += ("-addext", "subjectAltName=IP:127.0.0.1")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *key],
            cwd=self.folder,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        os.environ["SSL_CERT_FILE"] = str(self.certificate)
        self.process = subprocess.Popen(["nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)])
        for _attempt in range(100):
            try:
                urlopen(f"{self.address}/_stcore/health")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError((self.folder / "error.log").read_text())

    def stop(self) -> None:
        os.environ.pop("SSL_CERT_FILE", None)
        self.process.terminate()
        self.process.wait(10)
