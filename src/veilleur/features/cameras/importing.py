"""Cameras in the file of sites: checked, planned, written by the importer of `sites` (importer/parts.py)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.addresses import BadAddressError, check_address
from veilleur.features.cameras.model import mask_problem
from veilleur.features.cameras.planning import CameraPlanner, CameraRows, authorisation_attrs
from veilleur.features.cameras.tables import Authorisation, Camera, CameraMask, CameraPreset, CameraZone
from veilleur.features.cameras.telling import camera_told, told_authorisation
from veilleur.features.sites.importer.fields import Reading
from veilleur.features.sites.importer.parts import CameraAt
from veilleur.features.sites.importer.plan import Plan, line_of
from veilleur.features.sites.importer.rows import Known, SiteRows, fresh
from veilleur.features.sites.importer.shared import Owner
from veilleur.features.sites.importer.site_plan import SitePlan
from veilleur.features.sites.importer.values import Secret
from veilleur.features.sites.tables import Site
from veilleur.kernel.sealing import KeyRing, SealingKeys


class Part:
    """What the importer asks (importer/parts.py: CameraPart)."""

    def load(self, session: ReadSession, site_ids: Sequence[int]) -> Mapping[int, CameraRows]:
        """Rows of cameras by site."""
        found: dict[int, CameraRows] = {}
        site_of: dict[int, int] = {}
        query = select(Camera).where(Camera.site_id.in_(site_ids)).order_by(Camera.reference)
        for camera in fresh(session, query):
            found.setdefault(camera.site_id, CameraRows()).cameras.append(camera)
            site_of[camera.id] = camera.site_id
        if not found:
            return {}
        for mask in fresh(session, _of(CameraMask, site_of).order_by(CameraMask.id)):
            found[site_of[mask.camera_id]].masks[mask.camera_id].append(mask)
        for preset in fresh(session, _of(CameraPreset, site_of).order_by(CameraPreset.rank, CameraPreset.id)):
            found[site_of[preset.camera_id]].presets[preset.camera_id].append(preset)
        for zone in fresh(session, _of(CameraZone, site_of).order_by(CameraZone.rank, CameraZone.id)):
            found[site_of[zone.camera_id]].zones[zone.camera_id].append(zone)
        return found

    def authorisations(self, session: ReadSession) -> dict[str, int]:
        """Ids of authorisations by reference."""
        rows = session.execute(select(Authorisation.reference, Authorisation.id))
        return {row.reference: row.id for row in rows}

    def cameras(self, session: ReadSession) -> dict[str, CameraAt]:
        """Cameras by reference, with the reference of their site."""
        rows = session.execute(
            select(Camera.reference, Camera.id, Site.reference).join(Site, Site.id == Camera.site_id)
        )
        return {reference: CameraAt(row_id, site) for reference, row_id, site in rows}

    def check(self, draft: MutableMapping[str, Any], reading: Reading) -> None:
        """Addresses and masks; a password inside a URL goes to its own field."""
        if draft.get("address"):
            _check_address(draft, reading)
        for mask in draft.get("masks") or ():
            problem = mask_problem(mask["polygon"]) if mask.get("polygon") is not None else None
            if problem is not None:
                where = reading.inner(f"masks[{mask.get('name', '')}].polygon")
                where.fault(line_of(mask, "polygon"), "bad_mask", why=problem)
        for name, keys in (("masks", ("name",)), ("presets", ("token",)), ("zones", ("area", "zone"))):
            _once(draft.get(name) or (), keys, reading.inner(name))

    def plan(  # noqa: PLR0917  # what planning takes
        self,
        plan: SitePlan,
        draft: Mapping[str, Any],
        rows: SiteRows | None,
        owner: Owner,
        known: Known,
        reading: Reading,
    ) -> None:
        """The changes of a site's cameras."""
        held: CameraRows = (rows.cameras if rows else None) or CameraRows()
        planner = CameraPlanner(plan, draft["reference"], held, owner, known, reading)
        planner.follow_site(rows.site if rows else None)
        if "cameras" in draft:
            planner.plan_all(draft["cameras"] or [])

    def plan_authorisation(  # noqa: PLR0917  # the same
        self,
        plan: Plan,
        draft: Mapping[str, Any],
        attrs: Mapping[str, Any],
        session: ReadSession,
        keys: SealingKeys,
        reading: Reading,
    ) -> None:
        """One authorisation, known by its reference; `watch_authorisations` sees when its end moved."""
        row = session.scalars(
            select(Authorisation).where(Authorisation.reference == draft["reference"])
        ).one_or_none()
        wanted = {**authorisation_attrs(draft, reading, new=row is None), **attrs}
        if row is None:
            plan.add(Authorisation, "", {**wanted, "reference": draft["reference"]})
            return
        plan.set(row, "authorisation", wanted, keys)

    def told(
        self, session: ReadSession, rows: CameraRows | None, ring: KeyRing | None
    ) -> list[dict[str, Any]]:
        """Cameras in use, by reference."""
        if rows is None:
            return []
        references = {row_id: reference for reference, row_id in self.authorisations(session).items()}
        wanted = {each for row in rows.cameras for each in row.neighbours}
        names = session.execute(select(Camera.id, Camera.reference).where(Camera.id.in_(wanted)))
        neighbours = {row.id: row.reference for row in names}
        return [
            camera_told(
                row,
                ring,
                authorisation=references.get(row.authorisation_id or 0),
                neighbours=[neighbours[each] for each in row.neighbours if each in neighbours],
                masks=rows.masks[row.id],
                presets=rows.presets[row.id],
                zones=rows.zones[row.id],
            )
            for row in rows.cameras
            if row.removed_at is None
        ]

    def told_authorisations(self, session: ReadSession, customers: Mapping[int, str]) -> list[dict[str, Any]]:
        """Authorisations, by reference."""
        rows = session.scalars(select(Authorisation).order_by(Authorisation.reference))
        return [told_authorisation(row, customers.get(row.customer_id or 0)) for row in rows]


def _of(table: Any, site_of: Mapping[int, int]) -> Any:
    return select(table).where(table.camera_id.in_(list(site_of)))


def _check_address(draft: MutableMapping[str, Any], reading: Reading) -> None:
    address = draft["address"]
    if "kind" not in address or "main" not in address:
        return  # the missing field is already a fault
    where, line = reading.inner("address"), line_of(draft, "address")
    try:
        checked = check_address(
            address["kind"],
            address["main"],
            address.get("sub"),
            address.get("user"),
            address.get("options") or {},
            files=True,
        )
    except BadAddressError as error:
        where.fault(line, error.code, **error.params)  # never the address: it may hold a password
        return
    said = draft.get("password")
    if checked.password is not None:
        inside = Secret(checked.password.encode())
        if isinstance(said, Secret) and not said.kept and said.value != inside.value:
            where.fault(line, "two_passwords")
        draft["password"] = inside
    address["_source"] = checked.source


def _once(rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...], reading: Reading) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        name = tuple(row.get(key) for key in keys)
        if name in seen:
            reading.fault(row["_line"], "twice", first=seen[name])
        seen.setdefault(name, row["_line"])


PART = Part()
