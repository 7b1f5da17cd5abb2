"""A bank of two regions whose staff bring files."""

from tests.support.sheets import problems, row

SOUTHERN = row(branch="南山支行", staff_no="1003", manager="赵敏")


FAR_AWAY = row(region="山城分行", branch="北门支行", staff_no="1004", manager="孙梅")


def told(report) -> list[tuple]:
    return [(place, column) for place, column, *_ in problems(report)]
