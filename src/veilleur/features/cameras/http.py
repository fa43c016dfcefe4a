"""Routes of cameras: their list, their file, what the administrator and the chef change. Thin."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Query, Response

from veilleur.features.cameras import commands
from veilleur.features.cameras.addresses import NETWORK, BadAddressError, check_address
from veilleur.features.cameras.asking import probing
from veilleur.features.cameras.bodies import (
    CameraAsked,
    Devices,
    Made,
    NewCameraAsked,
    PasswordAsked,
    ReasonAsked,
    Tried,
    TryAsked,
)
from veilleur.features.cameras.errors import CameraAddressError
from veilleur.features.cameras.file import read_camera_file, read_picture
from veilleur.features.cameras.policy import POLICY
from veilleur.features.cameras.queries import references_of, visible_camera
from veilleur.features.cameras.reading import camera_views
from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.tables import Camera
from veilleur.features.cameras.views import CameraFile, CameraView
from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router, provided
from veilleur.features.sites.queries import visible_site
from veilleur.kernel.errors import InvalidError
from veilleur.video.model import Address

router = feature_router()

CameraRingDep = Annotated[CameraRing, provided(CameraRing)]

#: Fields of a body that together are the address of the import's form.
ADDRESS_FIELDS = ("kind", "address", "sub", "user", "options")

#: Fields that null leaves as they are: a camera always has them; taking a password away has its own route.
ALWAYS = frozenset({"reference", "name", "regime", "password"})


@router.get("/cameras")
@allow(POLICY, "camera.read")
def cameras(
    session: ReadDep, reader: ReaderDep, clock: ClockDep, site: Annotated[int | None, Query()] = None
) -> list[CameraView]:
    """The cameras that exist for this reader, by name."""
    shown = [view.seen_by(reader) for view in camera_views(session, None, clock.now()) if view.is_for(reader)]
    return [
        CameraView.model_validate(body)
        for body in shown
        if body is not None and (site is None or body["site"]["id"] == site)
    ]


@router.get("/cameras/{camera_id}")
@allow(POLICY, "camera.read")
def camera_file(camera_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> CameraFile:
    """All of a camera but its password."""
    return read_camera_file(session, camera_id, reader, clock.now())


@router.get("/cameras/{camera_id}/picture/{which}", response_class=Response)
@allow(POLICY, "camera.picture")
def picture(camera_id: int, which: str, session: ReadDep, reader: ReaderDep) -> Response:
    """A JPEG: `fault-<id>-before`, `fault-<id>-after`, or `mask-<id>` (the proof of its last check)."""
    jpeg = read_picture(session, camera_id, which, reader)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.post("/cameras", status_code=201)
@allow(POLICY, "camera.edit")
def add(asked: NewCameraAsked, act: ActDep, reader: ReaderDep, ring: CameraRingDep) -> Made:
    """Adds a camera. 422 `camera_address` {reason}, `camera_rule` {rule, field}."""
    visible_site(act.session, asked.site_id, reader)
    if asked.name is None or asked.address is None or asked.regime is None:
        raise InvalidError("A camera has a name, an address and a regime.", field="name")
    return Made(id=commands.add_camera(act, ring, asked.site_id, facts_of(act, asked, None)))


@router.put("/cameras/{camera_id}")
@allow(POLICY, "camera.edit")
def change(  # noqa: PLR0917  # dependencies
    camera_id: int, asked: CameraAsked, act: ActDep, reader: ReaderDep, ring: CameraRingDep, clock: ClockDep
) -> CameraFile:
    """Changes the fields that are given."""
    camera = visible_camera(act.session, camera_id, reader)
    if asked.reference not in (None, camera.reference):
        raise InvalidError("The reference of a camera never changes.", field="reference")
    commands.change_camera(act, ring, camera_id, facts_of(act, asked, camera))
    return read_camera_file(act.session, camera_id, reader, clock.now())


@router.post("/cameras/{camera_id}/password", status_code=204)
@allow(POLICY, "camera.edit")
def set_password(
    camera_id: int, asked: PasswordAsked, act: ActDep, reader: ReaderDep, ring: CameraRingDep
) -> None:
    """Seals a new password: nobody reads it back."""
    visible_camera(act.session, camera_id, reader)
    commands.set_password(act, ring, camera_id, asked.password)


@router.post("/cameras/{camera_id}/suspend", status_code=204)
@allow(POLICY, "camera.edit")
def suspend(camera_id: int, asked: ReasonAsked, act: ActDep, reader: ReaderDep) -> None:
    """Stops recording and showing it."""
    visible_camera(act.session, camera_id, reader)
    commands.suspend_camera(act, camera_id, asked.reason)


@router.post("/cameras/{camera_id}/resume", status_code=204)
@allow(POLICY, "camera.edit")
def resume(camera_id: int, act: ActDep, reader: ReaderDep) -> None:
    """Puts it back in service."""
    visible_camera(act.session, camera_id, reader)
    commands.resume_camera(act, camera_id)


@router.post("/cameras/{camera_id}/remove", status_code=204)
@allow(POLICY, "camera.edit")
def remove(camera_id: int, asked: ReasonAsked, act: ActDep, reader: ReaderDep) -> None:
    """Takes it off its site; its history and its recordings stay."""
    visible_camera(act.session, camera_id, reader)
    commands.remove_camera(act, camera_id, asked.reason)


@router.post("/cameras/try")
@allow(POLICY, "camera.edit", repeatable=True, transaction=False)
def try_camera(asked: TryAsked) -> Tried:
    """Opens an address for real, within some seconds. 502 `camera_source` {kind}."""
    kind = asked.kind or kind_of(asked.address)
    if kind in {"recorder", "push"}:
        raise CameraAddressError(
            reason="bad_scheme", field="address", known=["rtsp", "rtsps", "http", "https"]
        )
    try:
        checked = check_address(kind, asked.address, None, asked.user, {}, files=False)
    except BadAddressError as error:
        # The kind was guessed from the address: what is wrong with it is told of all kinds.
        known = {"known": list(NETWORK)} if error.code == "bad_scheme" and asked.kind is None else {}
        raise CameraAddressError(reason=error.code, field="address", **(error.params | known)) from None
    password = checked.password if checked.password is not None else asked.password
    address = Address(kind, checked.source["main"], None, checked.source["user"], password)
    return probing().try_address(address)  # type: ignore[no-any-return]


@router.post("/cameras/discover")
@allow(POLICY, "camera.edit", repeatable=True, transaction=False)
def discover() -> Devices:
    """ONVIF devices that answer on the networks of this machine."""
    return Devices(devices=probing().find_devices())


def kind_of(url: str) -> str:
    """The kind of address that a URL most likely is: RTSP, else ONVIF by its path, else single pictures."""
    parts = urlsplit(url)
    if parts.scheme in ("rtsp", "rtsps"):
        return "rtsp"
    return "onvif" if "onvif" in parts.path.lower() else "snapshot"


def facts_of(act: ActDep, asked: CameraAsked, camera: Camera | None) -> dict[str, Any]:
    """The fields of the import's form that a body gives."""
    given = asked.model_dump(exclude_unset=True)
    facts = {
        key: value
        for key, value in given.items()
        if key not in {*ADDRESS_FIELDS, "lat", "lon", "site_id"} and (value is not None or key not in ALWAYS)
    }
    if {"lat", "lon"} & given.keys():
        place = {
            key: given.get(key, getattr(camera, key) if camera is not None else None)
            for key in ("lat", "lon")
        }
        facts["position"] = place if None not in place.values() else None
    if given.get("neighbours") is not None:
        facts["neighbours"] = references_of(act.session, given["neighbours"])
    if set(ADDRESS_FIELDS) & given.keys():
        source = camera.source if camera is not None else {}
        told = {
            "kind": given.get("kind") or source.get("kind") or kind_of(given.get("address") or ""),
            "main": given.get("address") or source.get("main"),
        }
        for key in ("sub", "user", "options"):
            told[key] = given[key] if key in given else source.get(key)
        facts["address"] = told
    return facts
