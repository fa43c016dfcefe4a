"""Routes of viewing: thin. The bytes of pictures are the recorder's; here is who may look, why, and what is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.bodies import ForgottenAsked, KeptAsked
from veilleur.features.cameras.file import read_camera_file
from veilleur.features.cameras.policy import POLICY as CAMERAS
from veilleur.features.cameras.queries import visible_camera
from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.views import CameraFile
from veilleur.features.http import (
    ActDep,
    ClockDep,
    PassageDep,
    ReadDep,
    ReaderDep,
    allow,
    feature_router,
    provided,
)
from veilleur.features.incidents.queries import visible as visible_incident
from veilleur.features.incidents.tables import Incident
from veilleur.features.viewing import bodies, images, layouts, looking, marks, presets, steering, views
from veilleur.features.viewing.errors import CameraRefusedError
from veilleur.features.viewing.journal import Wanted, viewings
from veilleur.features.viewing.policy import POLICY
from veilleur.features.viewing.tables import Mark, WallLayout
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act

router = feature_router()

RingDep = Annotated[CameraRing, provided(CameraRing)]

Since = Annotated[AwareDatetime | None, Query(alias="from")]
Until = Annotated[AwareDatetime | None, Query(alias="to")]


def _incident(session: ReadSession, incident_id: int | None, reader: Reader) -> Incident | None:
    return None if incident_id is None else visible_incident(session, incident_id, reader)


@router.post("/viewings")
@allow(POLICY, "viewing.open")
def open_viewing(
    body: bodies.Looking, act: ActDep, reader: ReaderDep, passage: PassageDep
) -> bodies.ViewingAnswer:
    """Opens a viewing: a ticket per camera, or the rule that refuses it. 422 `motif_needed`, `viewing_period`."""
    if body.kind == "lifted" and not POLICY.allows(reader, "viewing.lift"):
        raise CameraRefusedError(why="camera_role", rule="practice P11", kind="lifted")
    asked = looking.Asked(
        cameras=body.cameras,
        kind=body.kind,
        motif=body.motif,
        from_at=body.from_,
        until_at=body.until,
        incident=_incident(act.session, body.incident_id, reader),
        wall=body.wall,
        minutes=body.minutes,
    )
    return views.opened_view(looking.open_viewing(act, reader, passage.session_hash or b"", asked))


@router.get("/viewings")
@allow(POLICY, "viewing.read")
def read_viewings(  # noqa: PLR0917  # the questions one asks of the register
    session: ReadDep,
    reader: ReaderDep,
    since: Since = None,
    until: Until = None,
    camera: int | None = None,
    user: int | None = None,
    before: int | None = None,
) -> list[bodies.ViewingLine]:
    """The register of R253-5: who looked at what, why and when; the last first, by pages of 200."""
    return [
        views.line_view(each)
        for each in viewings(session, reader, Wanted(since, until, camera, user, before))
    ]


@router.post("/viewings/{viewing_id}/tickets")
@allow(POLICY, "viewing.open")
def more_tickets(
    viewing_id: int, body: bodies.More, act: ActDep, reader: ReaderDep, passage: PassageDep
) -> bodies.ViewingAnswer:
    """More tickets of a viewing that runs: a socket that fell. 409 `viewing_ended`."""
    opened = looking.more_tickets(act, reader, passage.session_hash or b"", viewing_id, body.cameras)
    return views.opened_view(opened)


@router.post("/viewings/{viewing_id}/motif", status_code=204)
@allow(POLICY, "viewing.open")
def change_motif(viewing_id: int, body: bodies.NewMotif, act: ActDep, reader: ReaderDep) -> None:
    """One key changes why one looks: événement, ronde, appel FO, maintenance."""
    incident = _incident(act.session, body.incident_id, reader)
    looking.change_motif(act, reader, viewing_id, body.motif, incident)


@router.post("/viewings/{viewing_id}/end", status_code=204)
@allow(POLICY, "viewing.open")
def end_viewing(
    viewing_id: int, act: ActDep, reader: ReaderDep, body: bodies.ViewingEnd | None = None
) -> None:
    """Ends a viewing of one's own; its sockets close."""
    looking.end_viewing(act, viewing_id, (body or bodies.ViewingEnd()).why, reader=reader)


@router.get("/layouts")
@allow(POLICY, "layout.read")
def read_layouts(session: ReadDep, reader: ReaderDep) -> list[bodies.Layout]:
    """One's own walls and the shared ones, by name."""
    return views.layout_views(session, layouts.layouts(session, reader), reader)


def _wall(body: bodies.LayoutBody) -> layouts.Wall:
    tiles = [layouts.Tile(t.camera, t.span, tuple(t.sequence), t.hotspot) for t in body.tiles]
    return layouts.Wall(body.name, body.shared, body.columns, body.rows, body.seconds, tiles)


def _layout(act: Act, layout_id: int, reader: Reader) -> bodies.Layout:
    act.session.flush()
    (view,) = views.layout_views(act.session, [act.session.get_one(WallLayout, layout_id)], reader)
    return view


def _may_share(reader: Reader) -> bool:
    return POLICY.allows(reader, "layout.share")


@router.post("/layouts")
@allow(POLICY, "layout.write")
def create_layout(body: bodies.LayoutBody, act: ActDep, reader: ReaderDep) -> bodies.Layout:
    """Keeps a wall. 422 `layout_invalid` {field}; 403 `layout_not_yours` to share without the right."""
    made = layouts.create_layout(act, reader, _wall(body), may_share=_may_share(reader))
    return _layout(act, made, reader)


@router.put("/layouts/{layout_id}")
@allow(POLICY, "layout.write")
def change_layout(layout_id: int, body: bodies.LayoutBody, act: ActDep, reader: ReaderDep) -> bodies.Layout:
    """Draws a wall again. 409 `layout_moved` when somebody changed it meanwhile."""
    layouts.change_layout(
        act, reader, layout_id, _wall(body), may_share=_may_share(reader), version=body.version
    )
    return _layout(act, layout_id, reader)


@router.delete("/layouts/{layout_id}", status_code=204)
@allow(POLICY, "layout.write")
def remove_layout(layout_id: int, act: ActDep, reader: ReaderDep) -> None:
    """Takes a wall away; `/restore` brings it back."""
    layouts.remove_layout(act, reader, layout_id, may_share=_may_share(reader))


@router.post("/layouts/{layout_id}/restore")
@allow(POLICY, "layout.write")
def restore_layout(layout_id: int, act: ActDep, reader: ReaderDep) -> bodies.Layout:
    """Undoes a removal. 409 `removal_undo_late`."""
    layouts.restore_layout(act, reader, layout_id, may_share=_may_share(reader))
    return _layout(act, layout_id, reader)


@router.get("/marks")
@allow(POLICY, "mark.read")
def read_marks(  # noqa: PLR0917  # what one asks of marks
    session: ReadDep,
    reader: ReaderDep,
    clock: ClockDep,
    camera: int | None = None,
    incident: int | None = None,
    since: Since = None,
    until: Until = None,
) -> list[bodies.MarkView]:
    """Marks that touch a period, the newest first."""
    found = marks.marks(session, reader, camera_id=camera, incident_id=incident, since=since, until=until)
    return views.mark_views(session, found, reader, clock.now())


def _mark(act: Act, mark_id: int, reader: Reader) -> bodies.MarkView:
    act.session.flush()
    row = act.session.get_one(Mark, mark_id)
    camera = visible_camera(act.session, row.camera_id, reader)
    (view,) = views.mark_views(act.session, [(row, camera)], reader, act.now)
    return view


@router.post("/marks")
@allow(POLICY, "mark.make")
def make_mark(body: bodies.Marking, act: ActDep, reader: ReaderDep) -> bodies.MarkView:
    """Marks a stretch of a camera. 422 `mark_period`; 403 `camera_refused`."""
    incident = _incident(act.session, body.incident_id, reader)
    camera = marks.require_camera(act, body.camera, reader, "recorded", incident)
    made = marks.make_mark(act, reader, camera, body.from_, body.until, label=body.label, incident=incident)
    return _mark(act, made, reader)


@router.post("/marks/{mark_id}/hold")
@allow(POLICY, "mark.hold")
def hold_mark(mark_id: int, body: bodies.Holding, act: ActDep, reader: ReaderDep) -> bodies.MarkView:
    """Gel conservatoire. 422 `hold_too_long` {latest}: never beyond the authorised retention."""
    marks.hold_mark(act, reader, mark_id, body.reason, body.until)
    return _mark(act, mark_id, reader)


@router.post("/marks/{mark_id}/release")
@allow(POLICY, "mark.release")
def release_mark(mark_id: int, body: bodies.Releasing, act: ActDep, reader: ReaderDep) -> bodies.MarkView:
    """Lifts a hold, with its trace."""
    marks.release_mark(act, reader, mark_id, body.reason)
    return _mark(act, mark_id, reader)


@router.delete("/marks/{mark_id}", status_code=204)
@allow(POLICY, "mark.make")
def remove_mark(mark_id: int, act: ActDep, reader: ReaderDep) -> None:
    """Takes a mark away; `/restore` brings it back. 409 `mark_state` while it is held."""
    marks.remove_mark(act, reader, mark_id)


@router.post("/marks/{mark_id}/restore")
@allow(POLICY, "mark.make")
def restore_mark(mark_id: int, act: ActDep, reader: ReaderDep) -> bodies.MarkView:
    """Undoes a removal. 409 `removal_undo_late`."""
    marks.restore_mark(act, reader, mark_id)
    return _mark(act, mark_id, reader)


@router.post("/cameras/{camera_id}/ptz/take")
@allow(POLICY, "ptz.take")
def take_ptz(camera_id: int, body: bodies.Taking, act: ActDep, reader: ReaderDep) -> bodies.PtzHoldView:
    """Reserves a camera, or keeps it. 409 `ptz_held` {holder, until}, `ptz_none`."""
    row = steering.take_ptz(act, reader, camera_id, body.priority)
    return bodies.PtzHoldView(
        camera=camera_id, id=reader.user_id, priority=row.priority, until=row.until or act.now
    )


@router.post("/cameras/{camera_id}/ptz/release", status_code=204)
@allow(POLICY, "ptz.take")
def release_ptz(camera_id: int, act: ActDep, reader: ReaderDep) -> None:
    """Gives the camera back."""
    steering.release_ptz(act, reader, camera_id)


@router.post("/cameras/{camera_id}/presets")
@allow(CAMERAS, "camera.edit")
def keep_preset(
    camera_id: int, asked: KeptAsked, act: ActDep, reader: ReaderDep, ring: RingDep
) -> CameraFile:
    """The camera itself keeps where it looks now. 409 `camera_fixed`, `ptz_held`; 502 `preset_not_kept` {kind}."""
    presets.keep_preset(act, ring, reader, camera_id, asked)
    return read_camera_file(act.session, camera_id, reader, act.now)


@router.post("/cameras/{camera_id}/presets/forget")
@allow(CAMERAS, "camera.edit")
def forget_preset(
    camera_id: int, asked: ForgottenAsked, act: ActDep, reader: ReaderDep, ring: RingDep
) -> CameraFile:
    """Deletes a preset in the file and at the camera. 409 `ptz_held`, `preset_named`; 502 `preset_not_forgotten` {kind}."""
    presets.forget_preset(act, ring, reader, camera_id, asked)
    return read_camera_file(act.session, camera_id, reader, act.now)


@router.get("/incidents/{incident_id}/images")
@allow(POLICY, "image.read")
def read_images(incident_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> bodies.Images:
    """The cameras of a dossier, the most precise first, with the stretch to look at."""
    incident = visible_incident(session, incident_id, reader)
    return views.images_view(session, images.images(session, incident, reader), reader, clock.now())


@router.post("/incidents/{incident_id}/images/pull")
@allow(POLICY, "image.pull")
def pull_images(incident_id: int, body: bodies.Pulling, act: ActDep, reader: ReaderDep) -> bodies.ClipView:
    """Asks the customer's recorder. 409 `clip_not_pulled`."""
    visible_incident(act.session, incident_id, reader)
    return views.clip_view(images.pull(act, reader, incident_id, body.camera))


@router.get("/incidents/{incident_id}/images/pull/{clip_id}")
@allow(POLICY, "image.read")
def read_pull(incident_id: int, clip_id: int, session: ReadDep, reader: ReaderDep) -> bodies.ClipView:
    """Where that request stands."""
    visible_incident(session, incident_id, reader)
    return views.clip_view(images.clip_of(session, incident_id, clip_id))


@router.post("/incidents/{incident_id}/images/clue")
@allow(POLICY, "image.clue")
def add_image_clue(incident_id: int, body: bodies.ImageClue, act: ActDep, reader: ReaderDep) -> bodies.Added:
    """One key on an image: an unequivocal image, with its camera and hour (P4)."""
    visible_incident(act.session, incident_id, reader)
    made = images.image_clue(act, reader, incident_id, camera_id=body.camera, at=body.at, facts=body.text)
    return bodies.Added(id=made)


@router.post("/incidents/{incident_id}/images/lost")
@allow(POLICY, "image.clue")
def add_lost_clue(incident_id: int, body: bodies.Pulling, act: ActDep, reader: ReaderDep) -> bodies.Added:
    """One key on a camera lost shortly before the alarm: a clue that backs up a proof and is none."""
    visible_incident(act.session, incident_id, reader)
    return bodies.Added(id=images.lost_clue(act, reader, incident_id, body.camera))
