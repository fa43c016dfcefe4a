"""HTML as small pure functions: everything that is not already markup is escaped."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def safe(value: object) -> Markup:
    """A value as HTML: markup as it is, anything else escaped, quotes too."""
    return value if isinstance(value, Markup) else Markup(escape(str(value), quote=True))


def join(*parts: object) -> Markup:
    """Parts one after the other; None and empty parts vanish."""
    return Markup("".join(safe(part) for part in parts if part is not None and part != ""))


def tag(name: str, *children: object, **attributes: str) -> Markup:
    """An element. `class_` and `data_x` name the attributes `class` and `data-x`."""
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{pairs}>{join(*children)}</{name}>")
