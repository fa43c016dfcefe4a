/**
 * Masks of role lifted in this window: for a camera, a viewing of its own, with its motif, until the centre's own end.
 * Then its tile asks its tickets of the masked viewing again, and the lifted one is over (practice, P11).
 */
import { api } from "../api/client";
import { createStore } from "../core/store";
import { now } from "../live/hooks";
import { LiveViewings, routes, TicketRefused, type ViewingAnswer, type ViewingRoutes } from "./tickets";

export interface Lift {
  camera: number;
  /** Whose tickets show the picture without its masks. */
  viewings: LiveViewings;
  /** When the mask is back, RFC 3339. */
  until: string;
}

/** What is asked: why, and for how long. */
export interface LiftWish {
  motif: string;
  minutes: number;
}

/** Minutes offered; 30 at most at the centre. */
export const LIFT_MINUTES = [2, 5, 10, 15, 30] as const;
export const LIFT_USUALLY = 5;

export const lifts = createStore<ReadonlyMap<number, Lift>>(new Map());

/** The answer of an opening that names one camera; throws the rule that refused it. */
export function notRefused(answer: ViewingAnswer): ViewingAnswer {
  const [refusal] = answer.refused;
  if (refusal !== undefined) {
    throw new TicketRefused(refusal);
  }
  return answer;
}

/** Lifts the masks of a live camera. Throws TicketRefused, ApiError. */
export async function lift(camera: number, { motif, minutes }: LiftWish): Promise<void> {
  const asked = { cameras: [camera], kind: "lifted", motif, minutes };
  const answer = notRefused(await api.post<ViewingAnswer>("/api/viewings", asked));
  const until = answer.lifted_until ?? new Date(now()).toISOString();
  const viewings = new LiveViewings(liftedRoutes(camera, answer));
  lifts.set((held) => new Map(held).set(camera, { camera, viewings, until }));
  setTimeout(() => putBack(camera, viewings), Math.max(0, Date.parse(until) - now()));
}

/** The mask is drawn again: the tile that shows the camera leaves the lifted viewing, which ends it. */
export function putBack(camera: number, only?: LiveViewings): void {
  lifts.set((held) => {
    const there = held.get(camera);
    if (there === undefined || (only !== undefined && there.viewings !== only)) {
      return held;
    }
    const left = new Map(held);
    left.delete(camera);
    return left;
  });
}

/** The page closes. */
export function putAllBack(): void {
  const all = [...lifts.get().values()];
  lifts.set(() => new Map());
  all.forEach(({ viewings }) => viewings.endAll());
}

/** One opening, already answered; whatever ends it puts the mask back. */
function liftedRoutes(camera: number, answer: ViewingAnswer): ViewingRoutes {
  let first: ViewingAnswer | null = answer;
  const over = (failure: unknown): never => {
    putBack(camera);
    throw failure;
  };
  return {
    open: async () => {
      const told = first ?? over(new TicketRefused({ camera, code: "viewing_ended", params: {} }));
      first = null;
      return told;
    },
    more: (viewing, cameras) => routes.more(viewing, cameras).catch(over),
    motif: routes.motif,
    end: (viewing, why) => {
      putBack(camera);
      return routes.end(viewing, why);
    },
  };
}
