"""The page says where its server is: whatever page is opened."""

import base64
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.shell.navigation import PAGES
from dashboard.web.assets import page
from dashboard.web.auth_gate import policy


@pytest.mark.parametrize("name", ["", *(one.name for one in PAGES)])
def test_every_page_of_ours_says_where_its_server_is_and_may_say_so(name):
    answer = TestClient(Starlette(routes=page.ROUTES)).get(f"/{name}?customer=3")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert answer.text.count(page.server()) == 1
    script = page.server().strip().removeprefix("<script>").removesuffix("</script>")
    said = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{said}'" in policy()


def test_it_says_so_before_any_script_of_streamlits_and_changes_nothing_else():
    text = page.text()
    assert text.index(page.server()) < text.index('src="./static/js/index.') < text.index('<div id="root">')
    assert text.replace(page.server(), "") == page.PLACE.read_text()
