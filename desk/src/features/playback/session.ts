/** A consultation of recordings in this window: its cameras in step, its tickets, its marks. */
import type { CameraView } from "../../core/cameras";
import { createStore } from "../../core/store";
import { now } from "../../live/hooks";
import { PlaybackCamera } from "../../video/playbackCamera";
import { SECOND, type Span } from "../../video/playbackPlan";
import type { ViewingAnswer } from "../../video/tickets";
import { MOST_CAMERAS, Synchro } from "../../video/synchro";
import { readMarks } from "./marks";
import { AHEAD, isMasked, leave, LONGEST, movedTo, openPeriod, overlooked, plug, reopen } from "./looking";
import { Reopening } from "./reopening";
import { CLOSED, type Entry, type Lift, type SessionState, type Wanted } from "./sessionState";

/** Wall µs around the head that the engine knows of. */
const BEFORE = 45 * 60 * SECOND;
const AFTER = 90 * 60 * SECOND;
/** The engine looks again this near to the edge of what it knows. */
const EDGE = 60 * SECOND;
/** µs before the end of what the tickets allow at which another consultation is opened. */
const NEAR_END = 90 * SECOND;
/** µs around a moment outside the period that is opened for it. */
const REACH = 6 * 3600 * SECOND;
/** µs before the first moment: nothing older is kept anywhere. */
const OLDEST = 40 * 86_400 * SECOND;
/** ms between looks at what is being recorded now. */
const AFRESH = 2000;
const TEN_MINUTES = 600 * SECOND;

export class PlaybackSession {
  readonly state = createStore<SessionState>(CLOSED);
  readonly synchro: Synchro;
  private timer: ReturnType<typeof setInterval> | null = null;
  private stopped: (() => void) | null = null;
  private overviewing = false;
  private readonly reopening = new Reopening();
  /** Up to when the tickets in hand let one look. */
  private granted = 0;
  private renewing = false;

  constructor(readonly wanted: Wanted) {
    this.synchro = new Synchro(wanted.at, () => this.bounds());
    this.set({
      view: { from: wanted.at - TEN_MINUTES, to: wanted.at + TEN_MINUTES },
      motif: wanted.motif,
    });
  }

  bounds(): Span {
    const { from, to } = this.wanted;
    const present = now() * 1000;
    return { from, to: Math.min(to ?? present, this.granted || present, present) };
  }

  /** Goes to a moment; outside the period that was opened, another consultation is opened with the same motif. */
  goTo(wall: number): void {
    const { from, to } = this.wanted;
    const present = now() * 1000;
    if (wall < from || (to !== null && wall > to)) {
      this.wanted.from = wall - REACH;
      this.wanted.to = wall + REACH > present ? null : wall + REACH;
      void this.renew().then(() => this.synchro.seek(wall));
    }
    this.synchro.seek(wall);
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
    leave(entries, []);
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
      this.took(fresh, await this.ask(fresh.map(({ id }) => id)));
    } catch (failure) {
      this.set({ failure });
    } finally {
      this.set({ opening: false });
    }
  }

  private async ask(cameras: readonly number[]): Promise<ViewingAnswer> {
    const { answer, until } = await openPeriod(this.wanted, cameras);
    this.granted = until;
    return answer;
  }

  /** The period moves on: another consultation of the same cameras, then the old one ends. */
  private async renew(): Promise<void> {
    const { entries } = this.state.get();
    if (this.renewing || entries.length === 0) {
      return;
    }
    this.renewing = true;
    try {
      if (this.wanted.to === null) {
        this.wanted.from = Math.max(this.wanted.from, now() * 1000 + AHEAD - LONGEST);
      }
      const answer = await this.ask(entries.map(({ camera }) => camera.id));
      const { viewing } = answer;
      const fresh = viewing === null ? entries : entries.map((entry) => movedTo(entry, viewing));
      this.set({ entries: fresh, refused: answer.refused });
      plug(fresh.filter(isMasked), answer);
      leave(entries, fresh);
      await this.look();
    } catch (failure) {
      this.set({ failure });
    } finally {
      this.renewing = false;
    }
  }

  remove(camera: number): void {
    const { entries, lead } = this.state.get();
    const gone = entries.find((entry) => entry.camera.id === camera);
    const left = entries.filter((entry) => entry !== gone);
    gone?.player.close();
    leave(gone ? [gone] : [], left);
    this.set({ entries: left, lead: lead === camera ? (left[0]?.camera.id ?? null) : lead });
    this.synchro.with(left.map(({ player }) => player));
  }

  /** The same camera by other sockets: nothing that those before showed is left on the screen. */
  swap(old: Entry, viewing: number, lift: Lift | null, answer: ViewingAnswer): void {
    old.player.close();
    const fresh = { ...old, player: this.playerOf(old.camera.id), viewing, lift };
    const entries = this.state.get().entries.map((entry) => (entry === old ? fresh : entry));
    this.set({ entries });
    this.synchro.with(entries.map(({ player }) => player));
    plug([fresh], answer);
    leave([old], entries);
    void this.look();
  }

  private playerOf(camera: number): PlaybackCamera {
    return new PlaybackCamera(camera, this.wanted.at - OLDEST, () => this.bounds());
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
    const entries = answer.tickets.flatMap(({ camera: id, masked }) => {
      const camera = cameras.find((each) => each.id === id);
      return camera ? [{ camera, player: this.playerOf(id), viewing, masked, lift: null }] : [];
    });
    const { entries: held, lead, openedAt } = this.state.get();
    this.set({
      entries: [...held, ...entries],
      lead: lead ?? entries[0]?.camera.id ?? null,
      refused: answer.refused,
      motif: answer.motif,
      openedAt: openedAt ?? now(),
    });
    this.synchro.with(this.state.get().entries.map(({ player }) => player));
    plug(entries, answer);
    void this.look();
    void this.marksAgain();
  }

  /** What is recorded around the head, and in the bar: asked again while it grows. */
  private async look(): Promise<void> {
    const head = this.synchro.head();
    const { from, to } = this.bounds();
    if (this.wanted.to === null && to - head < NEAR_END && this.granted - now() * 1000 < NEAR_END) {
      await this.renew();
    }
    void reopen(this.reopening, this.state.get().entries).then((over) => (over ? this.renew() : null));
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
  }

  private async overlook(): Promise<void> {
    if (this.overviewing) {
      return;
    }
    this.overviewing = true;
    const { view, entries, overview } = this.state.get();
    const found = await overlooked(entries, view, this.bounds(), overview);
    this.set({ overview: found });
    this.overviewing = false;
    const after = this.state.get().view;
    if (after.from !== view.from || after.to !== view.to) {
      await this.overlook();
    }
  }
}
