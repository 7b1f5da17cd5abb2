"""Number cards hold whatever text they are given."""

import pytest

from dashboard.widgets.cards import Card, html

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["label", "value", "about", "help"])
def test_stored_text_stays_text(text, field):
    written = html(Card(**({"label": "成交", "value": "3"} | {field: text})))
    assert "<script" not in written and "<img" not in written
    assert text not in written
    assert written.count("<div") == 4 and written.count('"') == 10


def test_a_card_says_what_its_value_stands_against():
    written = html(Card("成交", "3", "75.0% / 4", "成交笔数", "behind"))
    assert '<div class="v cx-warn">3</div>' in written
    assert '<div class="s">75.0% / 4</div>' in written
    assert 'title="成交笔数"' in written


def test_a_card_without_a_status_has_no_colour():
    assert '<div class="v">3</div>' in html(Card("成交", "3"))
