/** What a consultation is, and what it shows. */
import type { CameraView } from "../../core/cameras";
import type { MarkView } from "../../core/recordings";
import type { PlaybackCamera } from "../../video/playbackCamera";
import type { Span } from "../../video/playbackPlan";
import type { Recorded } from "../../video/playbackShown";
import type { Refusal } from "../../video/tickets";

export interface Wanted {
  motif: string | null;
  incident: number | null;
  /** Wall µs: what is asked to be looked at. `to` null: up to the present, as it grows. */
  from: number;
  to: number | null;
  /** Where it begins. */
  at: number;
}

export interface Entry {
  camera: CameraView;
  player: PlaybackCamera;
  viewing: number;
}

export interface SessionState {
  entries: readonly Entry[];
  /** The camera that keys act on. */
  lead: number | null;
  marks: readonly MarkView[];
  refused: readonly Refusal[];
  motif: string | null;
  openedAt: number | null;
  opening: boolean;
  /** What the time bar shows, and what each camera recorded in it. */
  view: Span;
  overview: ReadonlyMap<number, Recorded>;
  /** A passage that was begun with R: wall µs. */
  begun: number | null;
  failure: unknown;
}

export const CLOSED: SessionState = {
  entries: [],
  lead: null,
  marks: [],
  refused: [],
  motif: null,
  openedAt: null,
  opening: false,
  view: { from: 0, to: 1 },
  overview: new Map(),
  begun: null,
  failure: null,
};
