"""The rejects file: what was refused, as it was written, each with its faults as comments; re-importable."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from veilleur.features.sites.importer.fields import Issue
from veilleur.features.sites.importer.nodes import FileRefusedError, Item, MapNode, Node, Scalar

#: What another reader would take a plain text for: says when it may stay without quotes.
RESOLVER = yaml.SafeLoader("")


def refuse_over_itself(source: Path, rejects: Path | None) -> None:
    """Raises FileRefusedError when the rejects would replace the very file that is imported."""
    if rejects is not None and rejects.exists() and source.exists() and rejects.samefile(source):
        raise FileRefusedError("over_itself", file=str(source))


def write_rejects(path: Path, rejected: Iterable[tuple[Item, list[Issue]]], language: str) -> None:
    """Replaces the file (0600: it may hold secrets) in one step. Raises FileRefusedError."""
    sections: dict[str, list[str]] = {}
    for item, issues in rejected:
        sections.setdefault(item.section, []).append(block(item, issues, language))
    parts = [f"{dumped_text(section)}:\n{''.join(blocks)}" for section, blocks in sections.items()]
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("".join(parts) or "sites: []\n")
        Path(name).replace(path)
    except OSError as error:
        raise FileRefusedError("unwritable", file=str(path), why=error.strerror) from None


def block(item: Item, issues: list[Issue], language: str) -> str:
    """One refused object: its faults as comments, then itself."""
    comments = "".join(f"  # {' '.join(issue.sentence(language).split())}\n" for issue in issues)
    value = to_yaml(item.node)
    if item.section == "centre" or not isinstance(value, yaml.MappingNode):
        listed: yaml.Node = value
    else:
        listed = yaml.SequenceNode("tag:yaml.org,2002:seq", [value], flow_style=False)
    text = yaml.serialize(listed, Dumper=yaml.SafeDumper, allow_unicode=True, width=1000)
    indented = "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())
    return comments + indented


def to_yaml(node: Node) -> yaml.Node:
    """A located node as PyYAML's: quoted texts stay quoted, plain ones plain."""
    if isinstance(node, Scalar):
        style = None if node.plain and "\n" not in node.text else '"'
        tag = "tag:yaml.org,2002:null" if node.null else "tag:yaml.org,2002:str"
        if node.plain and not node.null:
            tag = str(RESOLVER.resolve(yaml.ScalarNode, node.text, (True, False)))  # type: ignore[no-untyped-call]
        return yaml.ScalarNode(tag, node.text, style=style)
    if isinstance(node, MapNode):
        pairs = [(to_yaml(Scalar(0, key, plain=True)), to_yaml(value)) for key, value in node.items.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)
    return yaml.SequenceNode(
        "tag:yaml.org,2002:seq", [to_yaml(item) for item in node.items], flow_style=not node.items
    )


def dumped_text(text: str) -> str:
    """A key, quoted when it must be."""
    return str(yaml.safe_dump(text, allow_unicode=True, width=1000)).removesuffix("\n").removesuffix("\n...")
