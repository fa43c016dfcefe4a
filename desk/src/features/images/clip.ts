/** The clip of a dossier: its consultation, its loop, and the moments of its strip. */
import { useEffect, useRef, useState } from "react";
import type { CameraView } from "../../core/cameras";
import type { ImageView } from "../../core/recordings";
import { now } from "../../live/hooks";
import { SECOND, type Span } from "../../video/playbackPlan";
import { wallOf } from "../playback/instant";
import { PlaybackSession } from "../playback/session";

/** What may be looked at around the clip without leaving the dossier. */
const BEFORE = 10 * 60 * SECOND;
/** Behind the present: a clip that grows is looped up to its last whole group of pictures. */
const BEHIND = 3 * SECOND;
/** Shortest stretch worth a loop. */
const LEAST = 2 * SECOND;

/** From 15 s before to 30 s after, of all the dossier's cameras; it grows until it is whole. */
export function clipSpan(images: readonly ImageView[]): Span {
  return {
    from: Math.min(...images.map(({ from }) => wallOf(from))),
    to: Math.max(...images.map(({ until }) => wallOf(until))),
  };
}

/** The clip as far as it is recorded. */
export function grown(span: Span, present: number): Span {
  return { from: span.from, to: Math.max(span.from + LEAST, Math.min(span.to, present - BEHIND)) };
}

/** Opens the recordings of these cameras with the dossier's motif, and plays the clip at once, in a loop. */
export function useClip(
  incident: number,
  images: readonly ImageView[],
  cameras: readonly CameraView[],
): PlaybackSession {
  const [session] = useState(() => {
    const { from } = clipSpan(images);
    return new PlaybackSession({ motif: null, incident, from: from - BEFORE, to: null, at: from });
  });
  const first = useRef(cameras);
  useEffect(() => {
    session.start();
    void session.add(first.current).then(() => session.synchro.play(1));
    return () => session.end();
  }, [session]);
  useEffect(() => {
    const span = clipSpan(images);
    session.synchro.loopIn(() => grown(span, now() * 1000));
    session.set({ view: span });
  }, [session, images]);
  return session;
}
