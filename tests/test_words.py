"""Every message has its Chinese, none is left over, and both say the same places and codes."""

import re

import pytest

from dashboard.shell.language import CATALOG, CODES, _, chinese, language, ngettext, say, speak, word
from db import codes
from db.errors import Refused, StorageError
from tests.support.messages import messages, plurals

PLACE = re.compile(r"\{(\w+)\}")
SAID = sorted(messages())
PLURALS = plurals()
COUNTED = {one for one, _many in PLURALS}
ALWAYS_MANY = {  # the number is never 1, or has a decimal
    "{number} points",
    "A password has at least {number} characters.",
    "Give a sign-in name of 2 to {number} characters, and the person's name.",
    "{first} to {last} would be {number} days: check the days.",
}


def test_the_sources_say_something():
    assert len(SAID) > 200


def test_every_message_has_its_chinese():
    assert sorted(set(SAID) - set(chinese())) == []


def test_no_translation_is_left_over():
    assert sorted(set(chinese()) - set(SAID)) == []


def test_the_catalogue_is_sorted_one_line_a_message():
    ids = re.findall(r'^msgid "(.+)"$', CATALOG.read_text(), re.MULTILINE)
    assert ids == sorted(ids)
    assert len(ids) == len(chinese())


def test_both_languages_have_the_same_places():
    places = {message: (sorted(set(PLACE.findall(text))) for text in (message, chinese()[message])) for message in SAID}
    assert {message for message, (english, translated) in places.items() if english != translated} == set()


def test_the_catalogue_has_the_plurals_of_the_sources():
    text = CATALOG.read_text()
    assert set(re.findall(r'^msgid "(.+)"\nmsgid_plural "(.+)"$', text, re.MULTILINE)) == PLURALS


def test_what_is_counted_is_said_in_the_number_it_has(english):
    days = ("{number} working day", "{number} working days")
    assert [ngettext(*days, count) for count in (0, 1, 2, 1200)] == [
        "0 working days",
        "1 working day",
        "2 working days",
        "1,200 working days",
    ]
    assert ngettext("{number} point", "{number} points", -1, number="-1") == "-1 point"
    speak("zh")
    assert [ngettext(*days, count) for count in (1, 2)] == ["1 个工作日", "2 个工作日"]


def test_no_number_stands_before_a_plural_that_is_not_counted():
    """“1 rows”: what is counted goes through ngettext, or says its number behind a colon."""
    number = re.compile(r"\{(number|rows|days|seconds|accepted|missing)\} (?!of |to )([a-z]+ )?[a-z]+s\b")
    assert {message for message in SAID if number.search(message)} - COUNTED == ALWAYS_MANY


def test_the_chinese_is_chinese():
    texts = {message: PLACE.sub("", chinese()[message]) for message in SAID}
    assert {message for message, text in texts.items() if not re.search("[\u4e00-\u9fff]", text)} == set()


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_word_in_both_languages(code, english):
    assert word(code)[0].isupper() and "_" not in word(code)
    speak("zh")
    assert re.search("[\u4e00-\u9fff]", word(code))


def test_codes_of_different_lists_do_not_take_each_others_word():
    lists = (codes.KINDS, codes.CHANNELS, codes.METHODS, codes.CUSTOMER_KINDS, codes.FAMILIES, codes.LEVELS)
    for one in lists:
        assert {code: CODES[code] for code in one} == one


def test_nothing_is_written_as_a_dash():
    assert word(None) == "—"


def test_an_unknown_language_is_chinese():
    speak("xx")
    assert language() == "zh"


def test_a_refusal_fills_its_values_in():
    refused = Refused("There is no import batch {batch}: check the number.", batch=7)
    assert say(refused) == chinese()["There is no import batch {batch}: check the number."].format(batch=7)
    assert str(refused) == "There is no import batch 7: check the number."


def test_a_refusal_says_codes_as_words(english):
    refused = Refused("Choose the {level} the role is for.", level="branch")
    assert say(refused) == "Choose the branch the role is for."
    speak("zh")
    assert "支行" in say(refused) and "branch" not in say(refused)


def test_a_value_with_braces_is_said_as_it_is(english):
    refused = StorageError("“{name}” is unknown here, or not unique.", name="{batch} {0}")
    assert say(refused) == "“{batch} {0}” is unknown here, or not unique."


def test_a_message_without_values_keeps_its_braces(english):
    assert _("no {places} here") == "no {places} here"
