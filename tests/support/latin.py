"""Latin words in what a reader of Chinese sees. The few that are right there are named here, and nowhere else."""

import io
import json
import re
from collections.abc import Iterator
from html import unescape

import polars as pl
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

WORD = re.compile(r"[A-Za-z]{2,}")
# What has no Chinese, or is to be typed as it stands.
ALLOWED = re.compile(
    r"""\bpython\ -m\ dashboard(\ [a-z-]+)*(\ FILE)?  # commands
    | \bCHENXI_[A-Z_]+\b                              # settings
    | --[a-z-]+(\ [A-Z]+(\.xlsx)?)?                   # their options
    | \b(sqlite|postgresql)(:///|://)?
    | \bhttps?\b | \bHTTP\b | \bWebhook\b
    | \b(qyapi\.weixin\.qq|oapi\.dingtalk)\.com\b | \bopen\.feishu\.cn\b | \bim\.bank\.example\b  # hosts
    | \.(xlsx?|csv|db)\b | \b(xlsx|CSV|Excel|Word|PDF|UTF-8|MB)\b
    | \bWilson\b                                      # whose interval it is
    | \bv\d+\b                                        # versions of the definitions
    | \bEnglish\b                                     # leads to the English pages
    | \b(?:head|region|screen)-\d+\b | \b(?:admin|auditor|operator|simulate)\b  # sign-in names of the demo
    | \bCtrl-C\b | \bCtrl\+Enter\b
    """,
    re.VERBOSE,
)
CODE = {
    "id",
    "key",
    "form_id",
    "url",
    "url_pathname",
    "element_id",
    "script",
    "icon",
    "favicon",
    "theme",
    "color",
    "css",
    "anchor",
    "type",
}
CODE |= {
    "column_order",
    "default_format",
    "format",
    "fragment_id",
    "deferred_file_id",
    "upload_url",
    "delete_url",
    "help_url",
    "config",
}
CODE |= {
    "name",
    "page_script_hash",
    "color_scheme",
    "fill",
    "hash",
    "session_id",
    "script_run_id",
    "mime",
    "max_upload",
}
CODE |= {
    "active_theme",
    "user_key",
    "key_prefix",
    "query_string",
    "step",
    "min",
    "max",
    "default",
    "widget_id",
    "locale",
}
CHART_CODE = {
    "type",
    "mode",
    "hoverinfo",
    "color",
    "family",
    "bdata",
    "dtype",
    "symbol",
    "anchor",
    "xanchor",
    "yanchor",
}


def latin(text: str) -> set[str]:
    """The words in it that are neither Chinese nor allowed."""
    return set(WORD.findall(ALLOWED.sub(" ", text)))


def of_html(body: str) -> str:
    """What a page shows of it: its text, and the attributes that are read out or shown over it."""
    body = re.sub(r"<(style|script)\b.*?</\1>|<!--.*?-->|<!DOCTYPE[^>]*>", " ", body, flags=re.DOTALL)
    shown = re.findall(r'\b(?:title|alt|aria-label|placeholder|label)="([^"]*)"', body)
    return unescape(" ".join([re.sub(r"<[^>]*>", " ", body), *shown]))


def said(message: Message) -> Iterator[str]:
    """Every text of one message from the server to the page that the page shows."""
    for field, value in message.ListFields():
        if field.name in CODE:
            continue
        values = [value] if not field.is_repeated else value.values() if is_map(field) else value
        for one in values:
            if isinstance(one, Message):
                yield from said(one)
            elif field.name == "body" and message.DESCRIPTOR.name == "Html":
                yield of_html(one)
            elif field.name == "spec":
                yield from of_chart(json.loads(one))
            elif field.name == "columns" and message.DESCRIPTOR.name in ("Dataframe", "Arrow"):
                yield from of_columns(json.loads(one))
            elif field.name == "data" and isinstance(one, bytes):
                yield from of_frame(one)
            elif isinstance(one, str):
                yield re.sub(r":material/\w+:|:\w+\[", " ", one)


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def of_chart(part: object, name: str = "") -> Iterator[str]:
    """The texts of a Plotly figure, without its colours, fonts and kinds of traces."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in CHART_CODE and key != "template":
                yield from of_chart(value, key)
    elif isinstance(part, list):
        for one in part:
            yield from of_chart(one, name)
    elif isinstance(part, str) and name in ("text", "name", "title", "x", "y", "label", "hovertemplate", "ticktext"):
        yield re.sub(r"<[^>]*>|%\{[^}]*\}", " ", part)


def of_columns(columns: dict) -> Iterator[str]:
    for one in columns.values():
        yield from (str(one[name]) for name in ("label", "help") if one.get(name))
        options = (one.get("type_config") or {}).get("options") or []
        yield from (str(option) for option in options)


def of_frame(data: bytes) -> Iterator[str]:
    for column in pl.read_ipc_stream(io.BytesIO(data)):
        if column.dtype == pl.String:
            yield from column.drop_nulls()
