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
  /** The consultation of its socket. */
  viewing: number;
  /** A mask of role is drawn over its pictures, unless it is lifted. */
  masked: boolean;
  lift: Lift | null;
}

/** A mask that is lifted until a time (RFC 3339), and the consultation under masks that goes on meanwhile. */
export interface Lift {
  masked: number;
  until: string;
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
