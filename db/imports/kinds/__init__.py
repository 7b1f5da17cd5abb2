"""One file a kind of file: the modules here that end in a `KIND`. What may be imported, by whom, from which columns: commands,
page, templates and help follow."""

from importlib import import_module
from pkgutil import iter_modules

from db.imports.file_kind import FileKind

FIRST = ("activities", "holdings", "people", "plans", "territories", "calendar", "absences")  # then others, by name


def found() -> list[FileKind]:
    modules = [import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)]
    return [module.KIND for module in modules if hasattr(module, "KIND")]


def place(kind: FileKind) -> tuple[int, str]:
    return (FIRST.index(kind.name) if kind.name in FIRST else len(FIRST), kind.name)


KINDS: tuple[FileKind, ...] = tuple(sorted(found(), key=place))
BY_NAME = {one.name: one for one in KINDS}
