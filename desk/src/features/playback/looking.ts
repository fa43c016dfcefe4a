/** What a consultation asks: its period of the desk, what is recorded in it of each recorder. */
import { ApiError } from "../../api/client";
import { now } from "../../live/hooks";
import { SECOND, type Span } from "../../video/playbackPlan";
import type { Recorded } from "../../video/playbackShown";
import { endConsultation, openConsultation, playSocket, ticketsAgain } from "../../video/playbackTickets";
import type { ViewingAnswer } from "../../video/tickets";
import type { Reopening } from "./reopening";
import { isoOf } from "./instant";
import type { Entry, Wanted } from "./sessionState";

/** µs of a consultation: a day at most, ten minutes ahead of now at most; another is opened when its end comes near. */
export const LONGEST = 86_400 * SECOND;
export const AHEAD = 595 * SECOND;

/**
 * Opens the period that is wanted; `until`: wall µs up to which the tickets let one look. `lifted`: minutes without masks
 * of role.
 */
export async function openPeriod(
  wanted: Wanted,
  cameras: readonly number[],
  lifted?: number,
): Promise<{ answer: ViewingAnswer; until: number }> {
  const { from, to, motif, incident } = wanted;
  const present = now() * 1000;
  const until = Math.min(to ?? present + AHEAD, present + AHEAD, from + LONGEST);
  const answer = await openConsultation({
    cameras,
    motif,
    from: isoOf(from),
    until: isoOf(until),
    incident,
    ...(lifted === undefined ? {} : { lifted }),
  });
  return { answer, until };
}

/** What each camera recorded in the time bar; what could not be asked stays as it was. */
export async function overlooked(
  entries: readonly Entry[],
  view: Span,
  bounds: Span,
  held: ReadonlyMap<number, Recorded>,
): Promise<ReadonlyMap<number, Recorded>> {
  const span = { from: Math.max(bounds.from, view.from), to: Math.min(bounds.to, view.to) };
  const found = new Map<number, Recorded>();
  if (span.to > span.from) {
    await Promise.all(
      entries.map(async ({ camera, player }) => {
        const known = (await player.timeline(span.from, span.to).catch(() => null)) ?? held.get(camera.id);
        if (known) {
          found.set(camera.id, known);
        }
      }),
    );
  }
  return found;
}

/** Each camera its socket, or why it has none. */
export function plug(entries: readonly Entry[], answer: ViewingAnswer): void {
  for (const { camera, player } of entries) {
    const ticket = answer.tickets.find((each) => each.camera === camera.id);
    if (ticket === undefined) {
      player.refuse(answer.refused.find((each) => each.camera === camera.id)?.code ?? "play_lost");
    } else {
      player.connect(playSocket(ticket));
    }
  }
}

/**
 * Sockets that went away (a recorder that restarts) are had again under the same consultation, when their time has come.
 * Whether one was over meanwhile, without a socket: another must be opened.
 */
export async function reopen(reopening: Reopening, entries: readonly Entry[]): Promise<boolean> {
  const lost = new Map(entries.map(({ camera, player }) => [camera.id, player.shown.get().lost]));
  const due = reopening.due(lost, performance.now());
  const still = entries.filter(({ camera }) => due.includes(camera.id));
  const over = await Promise.all(
    [...new Set(still.map(({ viewing }) => viewing))].map(async (viewing) => {
      const own = still.filter((entry) => entry.viewing === viewing);
      try {
        plug(
          own,
          await ticketsAgain(
            viewing,
            own.map(({ camera }) => camera.id),
          ),
        );
        return false;
      } catch (failure) {
        const refused = failure instanceof ApiError && failure.status > 0 && failure.status < 500;
        const ended = refused && failure.code === "viewing_ended" && own.every(isMasked);
        own.forEach(({ player }) => player.refuse(refused && !ended ? "play_revoked" : "play_lost"));
        return ended;
      }
    }),
  );
  return over.includes(true);
}

export const isMasked = ({ lift }: Entry): boolean => lift === null;

/** The consultation under masks is another one now; a lifted mask keeps its own. */
export function movedTo(entry: Entry, viewing: number): Entry {
  return isMasked(entry)
    ? { ...entry, viewing }
    : { ...entry, lift: entry.lift && { ...entry.lift, masked: viewing } };
}

/** Ends the consultations that nothing holds open any more. */
export function leave(before: readonly Entry[], after: readonly Entry[]): void {
  const kept = after.flatMap(({ viewing, lift }) => [viewing, lift?.masked]);
  const left = before.flatMap(({ viewing, lift }) => [viewing, lift?.masked]);
  for (const viewing of new Set(left)) {
    if (viewing !== undefined && !kept.includes(viewing)) {
      endConsultation(viewing);
    }
  }
}
