/**
 * Tickets of the viewings of a window (docs/design/video.md). A ticket opens one socket, once, within 30 s; a viewing
 * names its cameras, so that a camera not yet named opens one more. Asks made together travel together.
 */
import { api, ApiError } from "../api/client";
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
  /** Null: every camera was refused. */
  viewing: number | null;
  motif: string;
  tickets: Ticket[];
  refused: Refusal[];
  /** Of lifted masks: when they are back. */
  lifted_until?: string | null;
}

/** The server does not let this person look at this camera now. */
export class TicketRefused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

const isOver = (failure: unknown): boolean => failure instanceof ApiError && failure.code === "viewing_ended";

interface Opening {
  cameras: number[];
  kind: "live";
  /** Words, or a code: event, patrol, police_call, maintenance. Absent: the post's own. */
  motif?: string;
  /** The dossier for which one looks. */
  incident_id?: number;
  /** The wall's name. */
  wall?: string;
}

/** Why a viewing ends: the window closes, or another view took the place of its last one. */
export type EndedBy = "command" | "replaced";

/** The routes, so that a test may stand in the server's place. */
export interface ViewingRoutes {
  open: (body: Opening) => Promise<ViewingAnswer>;
  more: (viewing: number, cameras: number[]) => Promise<ViewingAnswer>;
  motif: (viewing: number, motif: string, incident: number | null) => Promise<unknown>;
  end: (viewing: number, why: EndedBy) => Promise<unknown>;
}

export const routes: ViewingRoutes = {
  open: (body) => api.post<ViewingAnswer>("/api/viewings", body),
  more: (viewing, cameras) => api.post<ViewingAnswer>(`/api/viewings/${viewing}/tickets`, { cameras }),
  motif: (viewing, motif, incident) =>
    api.post(`/api/viewings/${viewing}/motif`, { motif, incident_id: incident }),
  end: (viewing, why) => api.post(`/api/viewings/${viewing}/end`, { why }),
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
  /** The wall's name, when it is one. */
  wall: string | null = null;

  /** `incident`: the dossier for which one looks. */
  constructor(
    private readonly server: ViewingRoutes = routes,
    private incident: number | null = null,
  ) {}

  /** Another reason to look, for what is shown and what will be; throws what the server refuses. */
  async setMotif(motif: string, incident: number | null = null): Promise<void> {
    const before = [this.motif, this.incident] as const;
    [this.motif, this.incident] = [motif, incident];
    const running = [...new Set(this.named.values())];
    const told = await Promise.allSettled(
      running.map((viewing) => this.server.motif(viewing, motif, incident)),
    );
    // One that is over meanwhile opens again with the new motif.
    const refused = told.find((each) => each.status === "rejected" && !isOver(each.reason));
    if (refused !== undefined && "reason" in refused) {
      [this.motif, this.incident] = before;
      throw refused.reason;
    }
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

  /** The running viewing that names a camera; one is opened when there is none. Throws as `ticket` does. */
  async viewing(camera: number): Promise<number> {
    if (!this.named.has(camera)) {
      await this.ticket(camera);
    }
    return this.named.get(camera) as number;
  }

  /** Ends every viewing of this window: the page closes. */
  endAll(): void {
    const all = new Set(this.named.values());
    this.named.clear();
    for (const viewing of all) {
      void this.server.end(viewing, "command").catch(() => undefined);
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
      void this.server.end(viewing, "replaced").catch(() => undefined);
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
              ...(this.wall === null ? {} : { wall: this.wall }),
              ...(this.motif === null ? {} : { motif: this.motif }),
              ...(this.incident === null ? {} : { incident_id: this.incident }),
            })
          : await this.server.more(viewing, cameras);
      for (const { camera } of answer.viewing === null ? [] : answer.tickets) {
        this.named.set(camera, answer.viewing as number);
      }
      const left = hand(asks, answer);
      if (left.length > 0) {
        await (left.length < asks.length
          ? this.serve(answer.viewing, left)
          : Promise.reject(new TicketRefused({ camera: cameras[0] ?? 0, code: "no_ticket", params: {} })));
      }
    } catch (failure) {
      // A viewing that is over (its session, its title): the next try opens another.
      cameras.forEach((camera) => this.named.delete(camera));
      asks.forEach((ask) => ask.refuse(failure));
    }
  }
}

/** Each ask its ticket or its refusal; one ticket serves one ask. Returns those that got neither. */
function hand(asks: readonly Ask[], answer: ViewingAnswer): Ask[] {
  const tickets = [...answer.tickets];
  return asks.filter((ask) => {
    const at = tickets.findIndex((ticket) => ticket.camera === ask.camera);
    const [ticket] = at < 0 ? [] : tickets.splice(at, 1);
    const told = answer.refused.find((refusal) => refusal.camera === ask.camera);
    if (ticket) {
      ask.give(ticket);
    } else if (told) {
      ask.refuse(new TicketRefused(told));
    }
    return !ticket && !told;
  });
}
