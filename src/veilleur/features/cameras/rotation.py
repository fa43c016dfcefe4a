"""`veilleur keys rotate`: passwords of cameras under the newest key."""

from __future__ import annotations

from sqlalchemy import func, select

from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.tables import Camera
from veilleur.kernel.sealing import ID_BYTES, KeyRing
from veilleur.logbook.act import Act


def reseal_passwords(act: Act, ring: KeyRing, *, most: int | None = None) -> int:
    """Seals again at most `most` passwords that an older key sealed; how many. One entry. Raises SealError."""
    rows = act.session.scalars(
        select(Camera)
        .where(func.substring(Camera.password_sealed, 1, ID_BYTES) != ring.newest)
        .order_by(Camera.id)
        .limit(most)
        .with_for_update()
    ).all()
    if not rows:
        return 0
    entry = act.record("keys.cameras_resealed", {"cameras": len(rows)})
    sealing = CameraRing(ring)
    for row in rows:
        password = sealing.open(row.id, row.password_sealed)
        if password is not None:
            row.password_sealed, row.entry_id = sealing.seal(row.id, password), entry
    act.session.flush()
    return len(rows)
