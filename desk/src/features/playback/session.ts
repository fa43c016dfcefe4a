/** A consultation of recordings in this window: its cameras in step, its tickets, its marks. */
import { ApiError } from "../../api/client";
import type { CameraView } from "../../core/cameras";
import { createStore } from "../../core/store";
import { now } from "../../live/hooks";
import { PlaybackCamera } from "../../video/playbackCamera";
import type { Recorded } from "../../video/playbackShown";
import { SECOND, type Span } from "../../video/playbackPlan";
import { endConsultation, openConsultation, playSocket, ticketsAgain } from "../../video/playbackTickets";
import type { ViewingAnswer } from "../../video/tickets";
import { MOST_CAMERAS, Synchro } from "../../video/synchro";
import { isoOf } from "./instant";
import { readMarks } from "./marks";
import { CLOSED, type Entry, type SessionState, type Wanted } from "./sessionState";

/** Wall µs around the head that the engine knows of. */
const BEFORE = 45 * 60 * SECOND;
const AFTER = 90 * 60 * SECOND;
/** The engine looks again this near to the edge of what it knows. */
const EDGE = 60 * SECOND;
/** ms between looks at what is being recorded now. */
const AFRESH = 2000;
const TEN_MINUTES = 600 * SECOND;
/** ms between tries to have sockets again. */
const RETRY = 3000;

export class PlaybackSession {
  readonly state = createStore<SessionState>(CLOSED);
  readonly synchro: Synchro;
  private timer: ReturnType<typeof setInterval> | null = null;
  private stopped: (() => void) | null = null;
  private overviewing = false;

  constructor(readonly wanted: Wanted) {
    this.synchro = new Synchro(wanted.at, () => this.bounds());
    this.set({
      view: { from: wanted.at - TEN_MINUTES, to: wanted.at + TEN_MINUTES },
      motif: wanted.motif,
    });
  }

  bounds(): Span {
    return { from: this.wanted.from, to: this.wanted.to ?? now() * 1000 };
  }

  start(): void {
    this.stopped ??= this.synchro.run();
    this.timer ??= setInterval(() => void this.look(), AFRESH);
  }

  end(): void {
    this.stopped?.();
    if (this.timer !== null) {
      clearInterval(this.timer);
    }
    this.stopped = null;
    this.timer = null;
    const { entries } = this.state.get();
    entries.forEach(({ player }) => player.close());
    new Set(entries.map(({ viewing }) => viewing)).forEach(endConsultation);
    this.set({ entries: [] });
  }

  /** Opens these cameras too: a consultation of its own, with the same motif. */
  async add(cameras: readonly CameraView[]): Promise<void> {
    const held = this.state.get().entries;
    const fresh = cameras
      .filter(({ id }) => !held.some((entry) => entry.camera.id === id))
      .slice(0, MOST_CAMERAS - held.length);
    if (fresh.length === 0) {
      return;
    }
    this.set({ opening: true, failure: null });
    try {
      const { from, to, motif, incident } = this.wanted;
      const answer = await openConsultation({
        cameras: fresh.map(({ id }) => id),
        motif,
        from: isoOf(from),
        until: to === null ? null : isoOf(to),
        incident,
      });
      this.took(fresh, answer);
    } catch (failure) {
      this.set({ failure });
    } finally {
      this.set({ opening: false });
    }
  }

  remove(camera: number): void {
    const { entries, lead } = this.state.get();
    const gone = entries.find((entry) => entry.camera.id === camera);
    const left = entries.filter((entry) => entry !== gone);
    gone?.player.close();
    if (gone && !left.some(({ viewing }) => viewing === gone.viewing)) {
      endConsultation(gone.viewing);
    }
    this.set({ entries: left, lead: lead === camera ? (left[0]?.camera.id ?? null) : lead });
    this.synchro.with(left.map(({ player }) => player));
  }

  show(view: Span): void {
    this.set({ view });
    void this.overlook();
  }

  set(change: Partial<SessionState>): void {
    this.state.set((held) => ({ ...held, ...change }));
  }

  async marksAgain(): Promise<void> {
    const { entries, view } = this.state.get();
    const marks = await readMarks(
      entries.map(({ camera }) => camera.id),
      Math.min(view.from, this.synchro.head() - TEN_MINUTES),
      Math.max(view.to, this.synchro.head() + TEN_MINUTES),
    ).catch(() => null);
    if (marks !== null) {
      this.set({ marks });
    }
  }

  private took(cameras: readonly CameraView[], answer: ViewingAnswer): void {
    const { viewing } = answer;
    if (viewing === null) {
      // Every camera was refused: nothing was opened.
      this.set({ refused: answer.refused });
      return;
    }
    const base = this.wanted.from - 60 * SECOND;
    const entries = cameras
      .filter(({ id }) => answer.tickets.some((ticket) => ticket.camera === id))
      .map((camera) => ({ camera, player: new PlaybackCamera(camera.id, base), viewing }));
    const { entries: held, lead, openedAt } = this.state.get();
    this.set({
      entries: [...held, ...entries],
      lead: lead ?? entries[0]?.camera.id ?? null,
      refused: answer.refused,
      motif: answer.motif,
      openedAt: openedAt ?? now(),
    });
    this.synchro.with(this.state.get().entries.map(({ player }) => player));
    this.plug(entries, answer);
    void this.look();
    void this.marksAgain();
  }

  private plug(entries: readonly Entry[], answer: ViewingAnswer): void {
    for (const { camera, player } of entries) {
      const ticket = answer.tickets.find((each) => each.camera === camera.id);
      if (ticket === undefined) {
        player.refuse(answer.refused.find((each) => each.camera === camera.id)?.code ?? "play_lost");
      } else {
        player.connect(playSocket(ticket));
      }
    }
  }

  /** What is recorded around the head, and in the bar: asked again while it grows. */
  private async look(): Promise<void> {
    const head = this.synchro.head();
    const { from, to } = this.bounds();
    const lost = this.state.get().entries.filter(({ player }) => player.shown.get().lost === "play_lost");
    await Promise.all(
      this.state.get().entries.map(async ({ player }) => {
        const { recorded } = player.shown.get();
        const edge =
          recorded === null ||
          head - EDGE < recorded.from ||
          head + EDGE > recorded.to ||
          recorded.to >= to - AFTER;
        if (edge) {
          const span = { from: Math.max(from, head - BEFORE), to: Math.min(to, head + AFTER) };
          await player.learn(span.from, span.to).catch(() => undefined);
        }
      }),
    );
    await this.overlook();
    if (lost.length > 0) {
      setTimeout(() => void this.again(lost), RETRY);
    }
  }

  private async overlook(): Promise<void> {
    if (this.overviewing) {
      return;
    }
    this.overviewing = true;
    const { view, entries } = this.state.get();
    const { from, to } = this.bounds();
    const span = { from: Math.max(from, view.from), to: Math.min(to, view.to) };
    const found = new Map<number, Recorded>();
    if (span.to > span.from) {
      await Promise.all(
        entries.map(async ({ camera, player }) => {
          const seen = await player.timeline(span.from, span.to).catch(() => null);
          const known = seen ?? this.state.get().overview.get(camera.id);
          if (known) {
            found.set(camera.id, known);
          }
        }),
      );
    }
    this.set({ overview: found });
    this.overviewing = false;
    const after = this.state.get().view;
    if (after.from !== view.from || after.to !== view.to) {
      await this.overlook();
    }
  }

  /** Sockets that went away (a recorder that restarts) are had again under the same consultation. */
  private async again(lost: readonly Entry[]): Promise<void> {
    for (const viewing of new Set(lost.map((entry) => entry.viewing))) {
      const own = lost.filter(
        (entry) => entry.viewing === viewing && this.state.get().entries.includes(entry),
      );
      const cameras = own.map(({ camera }) => camera.id);
      try {
        // eslint-disable-next-line no-await-in-loop -- one viewing after the other: seldom, and never more than nine
        this.plug(own, await ticketsAgain(viewing, cameras));
      } catch (failure) {
        const code = failure instanceof ApiError && failure.status > 0 ? "play_revoked" : "play_lost";
        own.forEach(({ player }) => player.refuse(code));
      }
    }
  }
}
