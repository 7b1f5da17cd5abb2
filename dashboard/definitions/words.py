"""The definitions in words: each setting as branch staff say it, what changed, where and since when a version holds."""

from datetime import date

from dashboard.shell.language import _, ngettext
from dashboard.widgets import formats
from metrics.settings import BY_NAME, CHOICE, CONDITIONS, DAYS, MULTIPLE, POINTS, SHARE, SWITCH, InvalidSetting

ALWAYS = date(2000, 1, 1)  # the first version holds for all that is ever brought in
SELF_MADE = "installation"


def value_label(name: str, value) -> str:
    """A setting's value in the user's words."""
    one = BY_NAME[name]
    if one.kind == CONDITIONS:
        return " + ".join(_(one.choices[each]) for each in value) or _("everything logged as effective")
    if one.kind == CHOICE:
        return _(one.choices[value])
    if one.kind == SWITCH:
        return _("yes") if value else _("no")
    if one.kind == POINTS:
        points = round(value * 100, 4)
        return ngettext("{number} point", "{number} points", points, number=f"{points:g}")
    if one.kind == SHARE:
        return formats.share(value)
    if one.kind == MULTIPLE:
        return _("{number} × the best month", number=f"{value:g}")
    if one.kind == DAYS:
        return ngettext("{number} day", "{number} days", value)
    return ngettext("{number} case", "{number} cases", value)


def lines(changes: dict[str, tuple]) -> list[str]:
    """One line a setting: "Few cases below: 10 cases → 5 cases"."""
    return [
        f"{_(BY_NAME[name].label)}: {value_label(name, old)} → {value_label(name, new)}"
        for name, (old, new) in changes.items()
    ]


def since_label(day: date) -> str:
    return _("from the beginning") if day <= ALWAYS else _("from {day} on", day=day)


def author_label(account: str) -> str:
    return _("at installation") if account == SELF_MADE else account


def problem_text(error: InvalidSetting) -> str:
    """Why settings are no definitions, in the user's words."""
    return _(error.message, **{name: _(one) if isinstance(one, str) else one for name, one in error.values.items()})
