"""Our own components: a few lines of script each, served from files/ behind the gate.

Streamlit finds the files of components only in installed packages; they are registered here by hand. The names used for
that are private to Streamlit: they stand in this file alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime import Runtime, exists, get_instance

FILES = Path(__file__).parent / "files"
PACKAGE = "chenxi"


def component(name: str, html: str) -> Callable[..., Any] | None:
    """The component of files/<name>.js and .css; None where no browser can show it."""
    if not exists() or type(get_instance()) is not Runtime:
        return None
    manager = get_instance().bidi_component_registry
    if manager.get(f"{PACKAGE}.{name}") is None:
        manifest = ComponentManifest(PACKAGE, "1", [ComponentConfig(name, "files")])
        manager.register_from_manifest(manifest, FILES.parent)
    return st.components.v2.component(f"{PACKAGE}.{name}", html=html, css=f"{name}.css", js=f"{name}.js")
