"""Every message has its Chinese, none is left over, and both say the same places and codes."""

import re

import pytest

from dashboard.words import CODES, _, chinese, language, say, speak, word
from db import codes
from db.errors import Refused, StorageError
from tests.spoken import messages

PLACE = re.compile(r"\{(\w+)\}")
SAID = sorted(messages())


def test_the_sources_say_something():
    assert len(SAID) > 200


def test_every_message_has_its_chinese():
    assert sorted(set(SAID) - set(chinese())) == []


def test_no_translation_is_left_over():
    assert sorted(set(chinese()) - set(SAID)) == []


@pytest.mark.parametrize("message", SAID)
def test_both_languages_have_the_same_places(message):
    assert sorted(set(PLACE.findall(chinese()[message]))) == sorted(set(PLACE.findall(message)))


@pytest.mark.parametrize("message", SAID)
def test_the_chinese_is_chinese(message):
    text = PLACE.sub("", chinese()[message])
    assert re.search("[\u4e00-\u9fff]", text), text


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
    refused = StorageError("“{name}” is not known here, or not unique.", name="{batch} {0}")
    assert say(refused) == "“{batch} {0}” is not known here, or not unique."


def test_a_message_without_values_keeps_its_braces(english):
    assert _("no {places} here") == "no {places} here"
