/** What the monitor shows: received frames, as `signals --json` gives them, secrets redacted. */
import type { Named } from "../../core/views";

export interface FrameEvent {
  category: string;
  code: string | null;
  qualifier: string | null;
  area: string | null;
  zone: string | null;
  user: string | null;
  text: string | null;
}

export interface FrameView {
  id: number;
  position: number | null;
  received_at: string;
  line: string;
  account: string | null;
  protocol: string;
  token: string;
  sequence: string | null;
  verdict: string;
  copies: number;
  peer: string;
  /** Hexadecimal. */
  raw: string;
  events: FrameEvent[];
  site: Named | null;
  encrypted: boolean;
  transport: string;
  /** Seconds, the transmitter's clock minus ours, when that is worth a word. */
  drift: number | null;
  /** What it carried beside its events: words of the vocabulary `extended_field`, and a stranger's text. */
  details: { code: string; value: string }[];
  /** The account inside a frame in clear, when it is not its header's. */
  inner_account: string | null;
}

/** What was refused, counted per minute and account (house rule 22); `others`: accounts beyond those named. */
export interface TroubleView {
  line: string;
  peer: string;
  kind: string;
  minute: string;
  account: string | null;
  count: number;
  others: boolean;
  drift: number | null;
}

/** When a path was last heard, link tests included. */
export interface SignOfLife {
  path_id: number;
  account: string;
  line: string | null;
  path: string;
  site_name: string;
  at: string;
  kind: "link_test" | "signal";
  /** Seconds expected between signs; null: not supervised. */
  interval: number | null;
}

export interface FramePage {
  frames: FrameView[];
  after: number;
  troubles: TroubleView[];
  signs: SignOfLife[];
}

export interface GhostView {
  id: number;
  line: string;
  account: string;
  peer: string;
  first_seen: string;
  last_seen: string;
  count: number;
  /** A site can have this account: one that no site can have is seen, never adopted. */
  adoptable: boolean;
}

/** A site that an unknown transmitter may be of, and why; `sure`: no other has as good a reason. */
export interface SiteProposed {
  id: number;
  name: string;
  town: string | null;
  why: string;
  sure: boolean;
}

/** What is looked at: nothing typed, everything. */
export interface Wanted {
  line: string;
  account: string;
  peer: string;
}

export const FRAMES_KEPT = 400;

/** The filters as the routes take them. */
export function asked(wanted: Wanted): URLSearchParams {
  return new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== ""));
}

/** Newest first, each once (a frame seen again brings its newer count of copies). */
export function mergeFrames(held: readonly FrameView[], more: readonly FrameView[]): FrameView[] {
  const byId = new Map([...held, ...more].map((frame) => [frame.id, frame]));
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, FRAMES_KEPT);
}

/** A frame's bytes as a person reads them: control characters shown, the rest in ISO-8859-1. */
export function readable(hex: string): string {
  const bytes = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return bytes
    .map((byte) => {
      if (byte === 0x0a) {
        return "␊";
      }
      if (byte === 0x0d) {
        return "␍";
      }
      return byte < 0x20 || (byte >= 0x7f && byte < 0xa0) ? "·" : String.fromCodePoint(byte);
    })
    .join("");
}
