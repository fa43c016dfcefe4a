"""Use cases about one camera: added, changed, suspended, resumed, removed, its password set. The rules are the import's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text

from veilleur.features.cameras.addresses import BadAddressError, check_address
from veilleur.features.cameras.errors import CameraAddressError, CameraRuleError, CameraStateError
from veilleur.features.cameras.faults import close_fault, lock_camera, told
from veilleur.features.cameras.importing import PART
from veilleur.features.cameras.model import SUSPENDING
from veilleur.features.cameras.planning import CameraPlanner, CameraRows
from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.tables import Camera, CameraFault
from veilleur.features.sites.importer.fields import Reading
from veilleur.features.sites.importer.parts import CameraAt
from veilleur.features.sites.importer.plan import Under, write_plan
from veilleur.features.sites.importer.rows import load_known
from veilleur.features.sites.importer.shared import Owner
from veilleur.features.sites.importer.site_plan import SitePlan
from veilleur.features.sites.importer.values import Secret
from veilleur.features.sites.queries import lock_site, subject_of
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import InvalidError
from veilleur.kernel.sealing import KeyRing
from veilleur.logbook.act import Act

#: Faults that keep a camera suspended while they last.
OPEN_SUSPENDING = select(CameraFault.kind).where(
    CameraFault.kind.in_(list(SUSPENDING)), CameraFault.until.is_(None)
)

#: Characters of a reason.
MAX_REASON = 500


class Sealing:
    """The rings that planning may touch: that of cameras only."""

    def __init__(self, ring: CameraRing) -> None:
        self.cameras: KeyRing = ring.ring

    @property
    def panels(self) -> KeyRing:
        """None here."""
        raise TypeError("a camera has no panel key")

    @property
    def contacts(self) -> KeyRing:
        """None here."""
        raise TypeError("a camera has no code word")


def add_camera(act: Act, ring: CameraRing, site_id: int, facts: Mapping[str, Any]) -> int:
    """Adds a camera to a site and returns its id.

    `facts`: fields of the import's form (docs/reference/import.md), values already typed; `reference` left out: made
    from the id. No `file` address. Raises NotFoundError, CameraAddressError, CameraRuleError, InvalidError.
    """
    site = lock_site(act.session, site_id)
    number: int = act.session.execute(text("SELECT nextval('camera_id_seq')")).scalar_one()
    reference = facts.get("reference") or f"CAM-{number}"
    draft = {"neighbours": [], **facts, "reference": reference}
    if not draft.get("name") or not draft.get("address"):
        raise InvalidError("A camera has a name and an address.", field="name")
    plan = _planned(act, ring, site, draft, None, CameraAt(number))
    params = {"camera": number, "name": draft["name"], "reference": reference, "changes": _told(plan)}
    entry = act.record("camera.added", params, subject=subject_of(site), touched=_touched(site, number))
    write_plan(act, plan, entry, Sealing(ring))
    return number


def change_camera(act: Act, ring: CameraRing, camera_id: int, facts: Mapping[str, Any]) -> int | None:
    """Changes the fields that are given (the import's form); the entry, None when nothing differs.

    A list that is given is complete. Raises as `add_camera`, and CameraRemovedError.
    """
    camera, site = lock_camera(act, camera_id)
    draft = {"name": camera.name, **facts, "reference": camera.reference}
    plan = _planned(act, ring, site, draft, camera, CameraAt(camera.id, site.reference))
    if not plan.changes:
        return None
    params = told(camera, fields=_fields(plan), changes=_told(plan))
    entry = act.record("camera.changed", params, subject=subject_of(site), touched=_touched(site, camera.id))
    write_plan(act, plan, entry, Sealing(ring))
    camera.entry_id = entry
    act.session.flush()
    return entry


def set_password(act: Act, ring: CameraRing, camera_id: int, password: str | None) -> int:
    """Seals a new password, or takes it away (None); the entry never says it."""
    if password is not None and not 0 < len(password) <= 200:
        raise InvalidError("A password of a camera has 1 to 200 characters.", field="password")
    camera, site = lock_camera(act, camera_id)
    entry = act.record(
        "camera.password_set",
        told(camera, password="set" if password else "none"),
        subject=subject_of(site),
        touched=_touched(site, camera.id),
    )
    camera.password_sealed = ring.seal(camera.id, password) if password else None
    camera.entry_id = entry
    act.session.flush()
    return entry


def suspend_camera(act: Act, camera_id: int, reason: str) -> int:
    """Stops recording and showing a camera, with a reason in words. Raises CameraStateError when it is already."""
    camera, site = lock_camera(act, camera_id)
    if camera.suspended_at is not None:
        raise CameraStateError(state="suspended", reason=camera.suspended_reason)
    entry = act.record(
        "camera.suspended",
        told(camera, reason="by_hand", note=_reason(reason)),
        subject=subject_of(site),
        touched=_touched(site, camera.id),
    )
    camera.suspended_at, camera.suspended_reason, camera.entry_id = act.now, "by_hand", entry
    act.session.flush()
    return entry


def resume_camera(act: Act, camera_id: int) -> int:
    """Puts a camera back in service; not while its legal mask is lost or its authorisation ended: CameraStateError."""
    camera, site = lock_camera(act, camera_id)
    if camera.suspended_at is None or camera.suspended_reason != "by_hand":
        raise CameraStateError(
            state="suspended" if camera.suspended_at else "running", reason=camera.suspended_reason
        )
    entry = act.record(
        "camera.resumed", told(camera), subject=subject_of(site), touched=_touched(site, camera.id)
    )
    camera.suspended_at, camera.suspended_reason, camera.entry_id = None, None, entry
    lawless = act.session.scalars(OPEN_SUSPENDING.where(CameraFault.camera_id == camera.id)).first()
    if lawless is not None:  # it began while the camera was suspended by hand
        camera.suspended_at, camera.suspended_reason = act.now, lawless
    act.session.flush()
    return entry


def remove_camera(act: Act, camera_id: int, reason: str) -> int:
    """Takes a camera off its site; its history and its recordings stay. Its open faults are over."""
    camera, site = lock_camera(act, camera_id)
    open_kinds = act.session.scalars(
        select(CameraFault.kind).where(CameraFault.camera_id == camera.id, CameraFault.until.is_(None))
    ).all()
    for kind in open_kinds:
        close_fault(act, camera.id, kind)
    entry = act.record(
        "camera.removed",
        told(camera, reason=_reason(reason)),
        subject=subject_of(site),
        touched=_touched(site, camera.id),
    )
    camera.removed_at, camera.entry_id = act.now, entry
    act.session.flush()
    return entry


def _planned(  # noqa: PLR0917  # what planning takes
    act: Act, ring: CameraRing, site: Site, facts: Mapping[str, Any], row: Camera | None, at: CameraAt
) -> SitePlan:
    """The changes, by the import's own rules."""
    draft = _located(facts)
    _checked_address(draft)
    held: CameraRows = PART.load(act.session, [site.id]).get(site.id, CameraRows())
    known = load_known(act.session)
    other = known.cameras.get(facts["reference"])
    plan, reading = SitePlan(), Reading("", [])
    if row is None and other is not None:
        reading.fault(None, "camera_held", site=other.site)
    known.cameras[facts["reference"]] = at
    PART.check(draft, reading)
    owner = Owner(Under("site_id", site.id), site.timezone, act.now, Sealing(ring))
    planner = CameraPlanner(plan, site.reference, held, owner, known, reading)
    planner.follow_site(site)
    plan.changes.clear()
    if not reading.issues:
        planner.plan_camera(draft, row, at, reading)
    if reading.issues:
        issue = reading.issues[0]
        raise CameraRuleError(rule=issue.code, field=issue.where, **dict(issue.params))
    return plan


def _checked_address(draft: dict[str, Any]) -> None:
    """The address without its secrets; a password in its URL is sealed with the rest."""
    if isinstance(draft.get("password"), str):
        draft["password"] = Secret(draft["password"].encode())
    address = draft.get("address")
    if address is None:
        return
    try:
        checked = check_address(
            address["kind"],
            address["main"],
            address.get("sub"),
            address.get("user"),
            address.get("options") or {},
            files=False,
        )
    except BadAddressError as error:
        raise CameraAddressError(reason=error.code, field="address", **error.params) from None
    said = draft.get("password")
    if checked.password is not None:
        if isinstance(said, Secret) and said.value != checked.password.encode():
            raise CameraAddressError(reason="two_passwords", field="address")
        draft["password"] = Secret(checked.password.encode())
    draft["address"] = {**address, **{key: checked.source[key] for key in ("main", "sub", "user")}}


def _located(value: Any) -> Any:
    """A draft as the import's reader makes it, its lines unknown."""
    if isinstance(value, Mapping):
        inner = {key: value[key] if key == "options" else _located(value[key]) for key in value}
        return {"_line": None, "_lines": {}, **inner}
    return [_located(item) for item in value] if isinstance(value, list) else value


def _fields(plan: SitePlan) -> list[str]:
    own = [change for change in plan.changes if change.table is Camera]
    names = [name for change in own for name in change.attrs if name not in {"sort_key", "removed_at"}]
    labels = [change.label.partition("].")[2] for change in plan.changes if change.table is not Camera]
    return sorted(names) + sorted({label.partition("[")[0] for label in labels})


def _told(plan: SitePlan) -> list[dict[str, Any]]:
    return [change.told() for change in plan.changes]


def _touched(site: Site, camera_id: int) -> dict[str, list[int]]:
    return {"camera": [camera_id], "site": [site.id]}


def _reason(said: str) -> str:
    words = said.strip()
    if not 0 < len(words) <= MAX_REASON:
        raise InvalidError(f"Say why, in at most {MAX_REASON} characters.", field="reason")
    return words
