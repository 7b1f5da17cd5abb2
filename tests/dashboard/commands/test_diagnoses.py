"""`report why`, `report cohorts` and `report interviews`: the contract, and parts that add up."""

import json

import pytest

from tests.support.command_line import call

PARTS = {"days", "consultations", "application_rate", "deal_rate", "ticket", "unallocated"}
OCTOBER = ("--from", "2026-10-01", "--to", "2026-10-31")
NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture
def report(configured, region_url, capsys):
    configured.database_url = region_url

    def run(name: str, *options: str, lang: str = "zh") -> str:
        code, said, wrong = call(capsys, "--lang", lang, "report", name, *options)
        assert (code, wrong) == (0, "")
        return said

    return run


@pytest.mark.parametrize("against", ["plan", "peers", "before"])
@pytest.mark.parametrize("measure", ["deals", "deal_amount", "applications"])
def test_effects_add_up_to_the_gap_of_every_row(report, against, measure):
    asked = (*NOVEMBER, "--measure", measure, "--against", against, "--by", "manager", "--json")
    answer = json.loads(report("why", *asked))
    head = {name: answer[name] for name in ("kind", "measure", "against", "from", "to")}
    assert head == {"kind": "why", "measure": measure, "against": against, "from": "2026-11-01", "to": "2026-11-30"}
    assert len(answer["rows"]) == 12 and {"staff_no", "manager"} <= set(answer["rows"][0])
    for row in (*answer["rows"], answer["total"]):
        assert set(row["effects"]) == set(row["low"]) == set(row["high"]) == PARTS
        if row["reference"] is None:  # who has no plan
            assert row["gap"] is row["verdict"] is row["reaction"] is None and set(row["effects"].values()) == {None}
            continue
        assert sum(row["effects"].values()) == pytest.approx(row["gap"]) == row["actual"] - row["reference"]
        assert row["verdict"] in {*PARTS, "several", "chance"}
        assert row["reaction"] in {"urge", "train", "support", None}
        assert row["because"] and (row["reaction"] is None or row["gap"] < 0)
        if measure != "deal_amount":
            assert row["effects"]["ticket"] == 0


def test_managers_add_up_to_branches_and_branches_to_the_region(report):
    managers, branches, regions = (
        json.loads(report("why", *NOVEMBER, "--by", by, "--json")) for by in ("manager", "branch", "region")
    )
    for name in PARTS - {"unallocated"}:
        sums = [sum(row["effects"][name] or 0 for row in answer["rows"]) for answer in (managers, branches, regions)]
        assert sums[1:] == pytest.approx([sums[0]] * 2)
        assert regions["total"]["effects"][name] == pytest.approx(sums[0])
    for answer in (branches, regions):
        for row in answer["rows"]:
            assert sum(row["effects"].values()) == pytest.approx(row["gap"])


def test_a_part_of_the_bank_can_be_asked_and_is_the_row_of_the_whole(report):
    whole = json.loads(report("why", *NOVEMBER, "--against", "peers", "--by", "manager", "--json"))
    one = whole["rows"][0]
    alone = json.loads(
        report("why", *NOVEMBER, "--against", "peers", "--by", "manager", "--manager", one["staff_no"], "--json")
    )
    assert [row["staff_no"] for row in alone["rows"]] == [one["staff_no"]]
    assert (alone["rows"][0]["reference"], alone["rows"][0]["gap"]) == pytest.approx((one["reference"], one["gap"]))


@pytest.mark.parametrize("measure", ["deals", "deal_amount", "consultations"])
def test_what_is_said_of_one_does_not_depend_on_who_else_is_asked_about(report, measure):
    asked = (*NOVEMBER, "--measure", measure, "--by", "manager", "--json")
    whole = json.loads(report("why", *asked))
    one = whole["rows"][3]
    alone = json.loads(report("why", *asked, "--manager", one["staff_no"]))
    assert alone["rows"] == [one]


def test_the_sentence_is_in_the_users_language(report):
    zh = report("why", *NOVEMBER, "--by", "branch")
    en = report("why", *NOVEMBER, "--by", "branch", lang="en")
    assert "截至目前的计划" in zh.replace("\n", "") and "原因" in zh
    assert "Because" in en and "plan to date" in " ".join(en.split())


def test_an_unknown_measure_reference_or_key_is_an_unusable_call(configured, region_url, capsys):
    configured.database_url = region_url
    for wrong in (("--measure", "contacts"), ("--against", "last"), ("--by", "product"), ("--to", "2026-10-01")):
        code, _said, said = call(capsys, "report", "why", *NOVEMBER, *wrong)
        assert code == 2 and "Traceback" not in said


def test_an_empty_bank_is_nobody_and_no_failure(configured, sqlite_url, capsys):
    configured.database_url = sqlite_url
    for against in ("plan", "peers", "before"):
        code, said, _wrong = call(capsys, "report", "why", *NOVEMBER, "--against", against, "--by", "branch", "--json")
        assert (code, json.loads(said)["rows"]) == (0, [])
    code, said, _wrong = call(capsys, "report", "cohorts", *OCTOBER, "--json")
    assert (code, json.loads(said)["total"]["started"]) == (0, 0)


def test_cohorts_are_curves_by_working_day(report):
    answer = json.loads(report("cohorts", *OCTOBER, "--horizon", "15", "--by", "branch", "--json"))
    assert (answer["kind"], answer["horizon"]) == ("cohorts", 15)
    assert sum(row["started"] for row in answer["rows"]) == answer["total"]["started"] > 0
    for row in (*answer["rows"], answer["total"]):
        assert 0 <= row["mature"] <= 1
        for end in ("applied", "dealt", "rejected", "withdrawn"):
            days, shares, lows, highs = zip(*row[end], strict=True)
            assert days == tuple(range(16))
            assert list(shares) == sorted(shares) and shares[-1] <= 1
            assert all(
                low is None or low <= share <= high for share, low, high in zip(shares, lows, highs, strict=True)
            )


def test_cohorts_have_a_table_for_people(report):
    assert "成交" in report("cohorts", *OCTOBER, "--by", "manager")


def test_interviews_are_counted_by_place_and_every_division_adds_up(report):
    year = ("--from", "2026-08-01", "--to", "2026-11-30")
    answers = {
        by: json.loads(report("interviews", *year, "--by", by, "--json")) for by in ("manager", "branch", "region")
    }
    whole = answers["region"]["total"]
    assert {answer["kind"] for answer in answers.values()} == {"interviews"} and whole["held"] > 5
    for name in ("held", "judged", "risen", "fallen", "actions", "actions_done"):
        for answer in answers.values():
            assert answer["total"] == whole
            assert sum(row[name] for row in answer["rows"]) == whole[name]
        for split in ("reactions", "causes", "followed"):
            assert sum(row[name] for row in whole[split]) == whole[name]
    chains = answers["manager"]["chains"]
    assert len(chains) == whole["held"] and chains == sorted(chains, key=lambda one: one["day"])
    assert {"factor", "cause", "reaction", "watched", "actions_done", "verdict", "change"} <= set(chains[0])
    risen = [one for one in chains if one["verdict"] == "risen" and one["reaction"] == "train"]
    assert [row["risen"] for row in whole["reactions"] if row["reaction"] == "train"] == [len(risen)]
    few = [row for row in whole["causes"] if row["judged"] < 5]
    assert few and not any(row["enough"] for row in few)


def test_interviews_of_a_part_of_the_bank_and_on_the_terminal(report):
    year = ("--from", "2026-08-01", "--to", "2026-11-30")
    (branch, other) = json.loads(report("interviews", *year, "--by", "branch", "--json"))["rows"]
    alone = json.loads(report("interviews", *year, "--branch", branch["branch"], "--json"))
    assert alone["total"] == {name: branch[name] for name in alone["total"]} and alone["rows"] == []
    assert {one["branch"] for one in alone["chains"]} == {branch["branch"]} != {other["branch"]}
    said = report("interviews", *year, "--by", "branch")
    assert "样本不足" in said and other["branch"] in said and "帮扶" in said
    nothing = json.loads(report("interviews", "--from", "2024-01-01", "--to", "2024-02-01", "--json"))
    assert nothing["total"]["held"] == 0 and nothing["chains"] == []
