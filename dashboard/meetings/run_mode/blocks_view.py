"""What an item is filled with, on screen: in the type of a meeting room."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

import streamlit as st
from markupsafe import Markup

from dashboard.documents.blocks import Bars, Block, Cell, Table, Text
from dashboard.shell import session

PARAGRAPH = Markup('<p class="cx-said{}">{}</p>')
TOTAL = Markup(' class="total"')
TITLE = Markup("<h4>{}</h4>")
TABLE = Markup('<div class="cx-wrap"><table class="cx"><thead><tr>{}</tr></thead><tbody>{}{}</tbody></table></div>')
BAR = Markup('<div class="cx-hbar"><span>{}</span><i><b class="cx-{}" style="width:{:.1f}%"></b></i><em>{}</em></div>')


def show(blocks: Sequence[Block]) -> None:
    """One after another; names and numbers lead on for whoever may open what they lead to."""
    if blocks:
        st.html(Markup('<div class="cx-blocks">{}</div>').format(html(blocks)))


def html(blocks: Sequence[Block]) -> Markup:
    return Markup().join(map(block, blocks))


def block(one: Block) -> Markup:
    if isinstance(one, Text):
        return PARAGRAPH.format(tone(one.tone), one.text)
    heading = TITLE.format(one.title) if one.title else Markup()
    return heading + (bars(one) if isinstance(one, Bars) else table(one))


def tone(name: str) -> str:
    return f" cx-{name}" if name else ""


def table(one: Table) -> Markup:
    def row(cells: Sequence[Cell], opening: Markup) -> Markup:
        made = Markup().join(
            Markup('<td class="{}{}">{}</td>').format("t" if place < one.left else "", tone(cell.tone), text(cell))
            for place, cell in enumerate(cells)
        )
        return Markup("<tr{}>{}</tr>").format(opening, made)

    head = Markup().join(
        Markup("<th{}>{}</th>").format(Markup(' class="t"') if place < one.left else "", heading)
        for place, heading in enumerate(one.headings)
    )
    rows = Markup().join(row(cells, Markup()) for cells in one.rows)
    return TABLE.format(head, rows, row(one.total, TOTAL) if one.total else "")


def text(cell: Cell) -> str:
    """A cell, leading on where it may."""
    page, _mark, query = cell.href.partition("?")
    if not page or not session.may_open(page):
        return cell.text
    link = dict.fromkeys(("customer", "manager", "branch", "through"), None) | dict(parse_qsl(query))
    return Markup('<a href="{}" target="_self">{}</a>').format(session.href(page, **link), cell.text)


def bars(one: Bars) -> Markup:
    top = max((max(abs(bar.value or 0), bar.of or 0) for bar in one.rows), default=0) or 1
    return Markup().join(
        BAR.format(bar.label, bar.tone or "note", 100 * abs(bar.value or 0) / top, bar.text) for bar in one.rows
    )
