/**
 * Tickets of the viewings of a window (docs/design/video.md). A ticket opens one socket, once, within 30 s; a viewing
 * names its cameras, so that a camera not yet named opens one more. Asks made together travel together.
 */
import { api } from "../api/client";
import type { Params } from "../core/views";

export interface Ticket {
  camera: number;
  url: string;
  whep: string | null;
  token: string;
  kind: "live" | "recorded" | "lifted";
  masked: boolean;
  expires_at: string;
}

export interface Refusal {
  camera: number;
  code: string;
  params: Params;
}

export interface ViewingAnswer {
  viewing: number;
  motif: string;
  tickets: Ticket[];
  refused: Refusal[];
}

/** The server does not let this person look at this camera now. */
export class TicketRefused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

/** The routes, so that a test may stand in the server's place. */
export interface ViewingRoutes {
  open: (body: { cameras: number[]; kind: "live"; motif?: string; wall: boolean }) => Promise<ViewingAnswer>;
  more: (viewing: number, cameras: number[]) => Promise<ViewingAnswer>;
  end: (viewing: number) => Promise<unknown>;
}

export const routes: ViewingRoutes = {
  open: (body) => api.post<ViewingAnswer>("/api/viewings", body),
  more: (viewing, cameras) => api.post<ViewingAnswer>(`/api/viewings/${viewing}/tickets`, { cameras }),
  end: (viewing) => api.post(`/api/viewings/${viewing}/end`),
};

interface Ask {
  camera: number;
  give: (ticket: Ticket) => void;
  refuse: (failure: unknown) => void;
}

/** ms: a wall's tiles ask within one paint; one request carries them all. */
const GATHER = 30;

/** The live viewings of one window. */
export class LiveViewings {
  /** Which viewing names a camera. */
  private readonly named = new Map<number, number>();
  private readonly shown = new Map<number, number>();
  private asks: Ask[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private motif: string | null = null;

  constructor(
    private readonly wall: boolean,
    private readonly server: ViewingRoutes = routes,
  ) {}

  /** Another reason to look: what is shown is a new viewing from now on. Null: the post's own. */
  setMotif(motif: string | null): void {
    this.motif = motif;
    this.endAll();
  }

  /** A tile begins to show a camera; call what is returned when it stops. */
  show(camera: number): () => void {
    this.shown.set(camera, (this.shown.get(camera) ?? 0) + 1);
    return () => {
      const left = (this.shown.get(camera) ?? 1) - 1;
      if (left > 0) {
        this.shown.set(camera, left);
        return;
      }
      this.shown.delete(camera);
      this.leave(camera);
    };
  }

  /** A ticket for one socket. Throws TicketRefused, or ApiError. */
  ticket(camera: number): Promise<Ticket> {
    return new Promise((give, refuse) => {
      this.asks.push({ camera, give, refuse });
      this.timer ??= setTimeout(() => void this.flush(), GATHER);
    });
  }

  /** Ends every viewing of this window: the page closes, or the motif changes. */
  endAll(): void {
    const all = new Set(this.named.values());
    this.named.clear();
    for (const viewing of all) {
      void this.server.end(viewing).catch(() => undefined);
    }
  }

  private leave(camera: number): void {
    const viewing = this.named.get(camera);
    const others = [...this.named].some(([other, of]) => of === viewing && this.shown.has(other));
    if (viewing !== undefined && !others) {
      for (const [other, of] of [...this.named]) {
        if (of === viewing) {
          this.named.delete(other);
        }
      }
      void this.server.end(viewing).catch(() => undefined);
    }
  }

  private async flush(): Promise<void> {
    const asks = this.asks;
    this.asks = [];
    this.timer = null;
    const groups = new Map<number | null, Ask[]>();
    for (const ask of asks) {
      const viewing = this.named.get(ask.camera) ?? null;
      groups.set(viewing, [...(groups.get(viewing) ?? []), ask]);
    }
    await Promise.all([...groups].map(([viewing, group]) => this.serve(viewing, group)));
  }

  private async serve(viewing: number | null, asks: Ask[]): Promise<void> {
    const cameras = [...new Set(asks.map((ask) => ask.camera))];
    try {
      const answer =
        viewing === null
          ? await this.server.open({
              cameras,
              kind: "live",
              wall: this.wall,
              ...(this.motif === null ? {} : { motif: this.motif }),
            })
          : await this.server.more(viewing, cameras);
      for (const { camera } of answer.tickets) {
        this.named.set(camera, answer.viewing);
      }
      hand(asks, answer);
    } catch (failure) {
      // A viewing that is over (its session, its title): the next try opens another.
      cameras.forEach((camera) => this.named.delete(camera));
      asks.forEach((ask) => ask.refuse(failure));
    }
  }
}

/** Each ask its ticket or its refusal; one ticket serves one ask. */
function hand(asks: readonly Ask[], answer: ViewingAnswer): void {
  const left = [...answer.tickets];
  for (const ask of asks) {
    const at = left.findIndex((ticket) => ticket.camera === ask.camera);
    const [ticket] = at < 0 ? [] : left.splice(at, 1);
    if (ticket) {
      ask.give(ticket);
    } else {
      const told = answer.refused.find((refusal) => refusal.camera === ask.camera);
      ask.refuse(new TicketRefused(told ?? { camera: ask.camera, code: "no_ticket", params: {} }));
    }
  }
}
