/** Puts a video element where the one clock is. */
import type { PlaybackSink } from "./playbackSink";
import { corrected } from "./synchroClock";

/** s inside a frame: its very edge belongs to the one before on some browsers. */
const INSIDE = 0.004;
const SAME = 0.002;

/** Runs forward in step: small drifts by speed, large ones by a jump. */
export function runAt(sink: PlaybackSink, head: number, rate: number): void {
  const { video } = sink;
  const wanted = sink.timeOf(head);
  const correction = corrected((wanted - video.currentTime) * 1000, rate);
  if (correction.kind === "seek" && !video.seeking) {
    video.currentTime = wanted;
  }
  video.playbackRate = correction.kind === "rate" ? correction.rate : rate;
  if (video.paused) {
    void video.play().catch(() => undefined);
  }
}

/** Backwards and paused: put on one frame after the other, each when the last one is there. */
export function standAt(sink: PlaybackSink, head: number): void {
  const { video } = sink;
  rest(sink);
  const wanted = (sink.frameAt(head)?.time ?? sink.timeOf(head)) + INSIDE;
  if (!video.seeking && Math.abs(video.currentTime - wanted) > SAME) {
    video.currentTime = wanted;
  }
}

export function rest({ video }: PlaybackSink): void {
  if (!video.paused) {
    video.pause();
  }
}
