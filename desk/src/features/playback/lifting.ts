/** A mask of role lifted in a consultation: for the camera in front, for some minutes, then drawn again (practice, P11). */
import { t } from "@lingui/core/macro";
import { now } from "../../live/hooks";
import { notRefused, type LiftWish } from "../../video/lifts";
import { ticketsAgain } from "../../video/playbackTickets";
import type { ViewingAnswer } from "../../video/tickets";
import { tell } from "../shell/ui";
import { openPeriod } from "./looking";
import type { PlaybackSession } from "./session";
import type { Entry } from "./sessionState";

const entryOf = (session: PlaybackSession, camera: number): Entry | undefined =>
  session.state.get().entries.find((entry) => entry.camera.id === camera);

/** Opens the same period without the masks of a camera. Throws TicketRefused, ApiError. */
export async function liftMask(session: PlaybackSession, camera: number, wish: LiftWish): Promise<void> {
  const wanted = { ...session.wanted, motif: wish.motif };
  const answer = notRefused((await openPeriod(wanted, [camera], wish.minutes)).answer);
  const entry = entryOf(session, camera);
  const until = answer.lifted_until;
  if (entry === undefined || answer.viewing === null || until === null || until === undefined) {
    return;
  }
  const masked = entry.lift?.masked ?? entry.viewing;
  const { viewing } = answer;
  session.swap(entry, viewing, { masked, until }, answer);
  const back = (): void => {
    if (entryOf(session, camera)?.viewing === viewing) {
      void maskAgain(session, camera);
      tell(t`Masque remis : le délai est écoulé.`);
    }
  };
  setTimeout(back, Math.max(0, Date.parse(until) - now()));
}

/** Asks why the mask is lifted; lifted already, it is put back. */
export function turnMask(
  session: PlaybackSession,
  camera: number,
  ask: (camera: Entry["camera"]) => void,
): void {
  const entry = entryOf(session, camera);
  if (entry?.lift) {
    void maskAgain(session, camera);
  } else if (entry?.masked) {
    ask(entry.camera);
  }
}

/** The mask is drawn again; the lifted consultation is over. Nothing unmasked is left, whatever the centre answers. */
export async function maskAgain(session: PlaybackSession, camera: number): Promise<void> {
  const lift = entryOf(session, camera)?.lift;
  if (!lift) {
    return;
  }
  const none: ViewingAnswer = { viewing: lift.masked, motif: "", tickets: [], refused: [] };
  const answer = await ticketsAgain(lift.masked, [camera]).catch(() => none);
  const entry = entryOf(session, camera);
  if (entry?.lift) {
    session.swap(entry, entry.lift.masked, null, answer);
  }
}
