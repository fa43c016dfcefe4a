"""Routes of the review: what waits, «relu», and taking it back."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from veilleur.desk.policy import POLICY
from veilleur.desk.reviews import ReviewList, mark, review_list, undo
from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router

router = feature_router()


class Reviewed(BaseModel):
    """What the review says, if anything needs saying."""

    note: Annotated[str, Field(max_length=1000)] | None = None


@router.get("/reviews")
@allow(POLICY, "review.read")
def reviews(session: ReadDep, reader: ReaderDep, clock: ClockDep) -> ReviewList:
    """What was done by exception and waits to be read; what was read within a day."""
    return review_list(session, reader, clock.now())


@router.post("/reviews/{kind}/{review_id}/done", status_code=204)
@allow(POLICY, "review.mark")
def review_done(kind: str, review_id: int, body: Reviewed, act: ActDep, reader: ReaderDep) -> None:
    """«Relu». 403 for a kind that the reader does not review; 409 when it was reviewed already."""
    mark(act, reader, kind, review_id, body.note)


@router.post("/reviews/{kind}/{review_id}/undone", status_code=204)
@allow(POLICY, "review.mark")
def review_undone(kind: str, review_id: int, act: ActDep, reader: ReaderDep) -> None:
    """Takes a review back; both entries stay."""
    undo(act, reader, kind, review_id)
