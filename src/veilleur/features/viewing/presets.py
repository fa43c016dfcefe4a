"""Presets of a camera that turns: where it looks is kept by the camera itself, and forgotten by it."""

from __future__ import annotations

from veilleur.features.cameras.asking import probing
from veilleur.features.cameras.bodies import ForgottenAsked, KeptAsked
from veilleur.features.cameras.commands import change_camera
from veilleur.features.cameras.errors import CameraFixedError
from veilleur.features.cameras.file import read_camera_file
from veilleur.features.cameras.queries import visible_camera
from veilleur.features.cameras.secrets import CameraRing, address_of
from veilleur.features.cameras.tables import Camera
from veilleur.features.cameras.views import CameraFile
from veilleur.features.viewing.errors import PresetNamedError, PresetNotForgottenError, PresetNotKeptError
from veilleur.features.viewing.steering import require_hand
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act
from veilleur.video.model import SourceError


def keep_preset(act: Act, ring: CameraRing, reader: Reader, camera_id: int, asked: KeptAsked) -> None:
    """The camera keeps where it looks now; its file names it.

    Raises CameraFixedError, PtzHeldError, PresetNotKeptError {kind}; then as `change_camera`.
    """
    camera = _turning(act, reader, camera_id)
    require_hand(act.session, reader, camera, act.now)
    try:
        token = probing().keep_position(address_of(camera, ring), asked.name, asked.token)
    except SourceError as fault:
        raise PresetNotKeptError(fault.message, kind=fault.kind) from None
    others = _others(read_camera_file(act.session, camera_id, reader, act.now), token)
    change_camera(act, ring, camera_id, {"presets": [*others, {"token": token, "name": asked.name}]})


def forget_preset(act: Act, ring: CameraRing, reader: Reader, camera_id: int, asked: ForgottenAsked) -> None:
    """A preset is no more, in the file and at the camera that has it. It is the camera that is asked last: what the file
    refuses is never half done, and the file keeps what the camera keeps.

    Raises CameraFixedError, NotFoundError, PresetNamedError {names}, PtzHeldError, PresetNotForgottenError {kind}.
    """
    camera = _turning(act, reader, camera_id)
    file = read_camera_file(act.session, camera_id, reader, act.now)
    others = _others(file, asked.token)
    if len(others) == len(file.presets):
        raise NotFoundError("No such preset.", what="preset", id=asked.token)
    if named := _naming(file, asked.token):
        raise PresetNamedError(names=named)
    require_hand(act.session, reader, camera, act.now)
    change_camera(act, ring, camera_id, {"presets": others})
    if asked.file_only:
        return
    try:
        probing().forget_position(address_of(camera, ring), asked.token)
    except SourceError as fault:
        raise PresetNotForgottenError(fault.message, kind=fault.kind) from None


def _turning(act: Act, reader: Reader, camera_id: int) -> Camera:
    camera = visible_camera(act.session, camera_id, reader)
    if not camera.ptz:
        raise CameraFixedError
    return camera


def _others(file: CameraFile, token: str) -> list[dict[str, str]]:
    return [{"token": each.token, "name": each.name} for each in file.presets if each.token != token]


def _naming(file: CameraFile, token: str) -> list[str]:
    """What holds at a preset: without it a legal mask would be drawn nowhere."""
    masks = [each.name for each in file.masks if each.preset == token]
    return masks + [
        str(each.zone_name or each.zone or each.area) for each in file.zones if each.preset == token
    ]
