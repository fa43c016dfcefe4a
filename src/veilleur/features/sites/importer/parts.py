"""What the feature `cameras` does with a file of sites.

Cameras stand on dossiers, which stand on sites: this feature cannot import them. It finds their part by name, as `web`
finds routes, and asks it through this form. `plan`: a SitePlan (or Plan), `rows`: SiteRows or None, `owner`: Owner, `known`:
Known: their modules stand on this one.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy import text

from veilleur.db.engine import ReadSession, WriteSession
from veilleur.features.sites.importer.fields import Reading
from veilleur.features.sites.importer.nodes import MapNode, Node, Scalar, SeqNode
from veilleur.kernel.sealing import KeyRing, SealingKeys

MODULE = "veilleur.features.cameras.importing"


@dataclass
class CameraAt:
    """A camera that a file may name: its id, and the reference of the site it is at; None: not taken yet."""

    id: int
    site: str | None = None


class CameraPart(Protocol):
    """See the module."""

    def load(self, session: ReadSession, site_ids: Sequence[int]) -> Mapping[int, Any]:
        """Rows of cameras by site; sites without any are absent."""

    def authorisations(self, session: ReadSession) -> dict[str, int]:
        """Ids of authorisations by reference."""

    def cameras(self, session: ReadSession) -> dict[str, CameraAt]:
        """Cameras by reference, removed ones too."""

    def check(self, draft: MutableMapping[str, Any], reading: Reading) -> None:
        """What is wrong in one camera though each of its fields is right; takes passwords out of its URLs."""

    def plan(  # noqa: PLR0917  # what planning takes
        self,
        plan: Any,
        draft: Mapping[str, Any],
        rows: Any,
        owner: Any,
        known: Any,
        reading: Reading,
    ) -> None:
        """The changes of a site's cameras, after those of the site itself."""

    def plan_authorisation(  # noqa: PLR0917  # the same
        self,
        plan: Any,
        draft: Mapping[str, Any],
        attrs: Mapping[str, Any],
        session: ReadSession,
        keys: SealingKeys,
        reading: Reading,
    ) -> None:
        """The changes of one authorisation; `attrs`: what its references came to."""

    def told(self, session: ReadSession, rows: Any, ring: KeyRing | None) -> list[dict[str, Any]]:
        """Cameras of a site as the file writes them; without a ring passwords are masked."""

    def told_authorisations(self, session: ReadSession, customers: Mapping[int, str]) -> list[dict[str, Any]]:
        """Authorisations as the file writes them."""


@cache
def camera_part() -> CameraPart:
    """The part of the feature `cameras`."""
    part: CameraPart = import_module(MODULE).PART
    return part


def camera_references(site: Node) -> list[str]:
    """The references of a site's cameras, before anything of it is checked."""
    cameras = site.items.get("cameras") if isinstance(site, MapNode) else None
    if not isinstance(cameras, SeqNode):
        return []
    said = [item.items.get("reference") for item in cameras.items if isinstance(item, MapNode)]
    return [each.text.strip() for each in said if isinstance(each, Scalar) and each.text.strip()]


def promise_cameras(session: WriteSession | None, references: Sequence[str]) -> dict[str, CameraAt]:
    """Ids for cameras that are not in the database yet; without a session (a dry run) of its own making."""
    if session is None:
        return {reference: CameraAt(-number) for number, reference in enumerate(references, 1)}
    ids = session.execute(
        text("SELECT nextval('camera_id_seq') FROM generate_series(1, :count)"), {"count": len(references)}
    ).scalars()
    return {reference: CameraAt(row_id) for reference, row_id in zip(references, ids, strict=True)}
