"""Acts on what was received."""

from __future__ import annotations

from sqlalchemy import text

from veilleur.features.deadlines.commands import schedule
from veilleur.features.signals.tables import Ghost
from veilleur.features.sites.commands import adopt_account
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act

#: The deadline at which the watch examines what an adopted account said before.
ADOPTED = "adopted"


def adopt_ghost(act: Act, ghost_id: int, site_id: int) -> int:
    """Makes an unknown account a panel of a site, on the line where it dials; the panel's id.

    Signals of before stay ghosts: what was received is never rewritten; the watch examines them, as late signals of
    the site (watch/adopted.py). The reception knows the panel within two
    seconds. Raises NotFoundError, AccountFormError, and AccountTakenError when a panel has the account meanwhile.
    """
    ghost = act.session.get(Ghost, ghost_id)
    if ghost is None:
        raise NotFoundError("No such unknown account.", what="ghost", id=ghost_id)
    panel_id = adopt_account(act, site_id, ghost.line, ghost.account)
    # Last, and not read FOR UPDATE before: the intake counts this very row, and waits for nobody's form.
    ghost.adopted_at = act.now
    act.session.flush()
    schedule(act, ADOPTED, act.now, site_id=site_id, subject_id=panel_id)
    act.session.execute(text("SELECT pg_notify('veilleur_sites', '')"))
    return panel_id
