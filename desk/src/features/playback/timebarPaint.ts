/** Draws the time bar: lanes of recordings, holes with their reason, motion, alarms, repères and gels. */
import type { MarkView } from "../../core/recordings";
import type { Recorded } from "../../video/playbackShown";
import type { Gap, Span } from "../../video/playbackPlan";
import { motionBars, tickPrecision, ticks, toX } from "../../video/timebarScale";
import { hourOf, wallOf, wallText } from "./instant";
import { gapReason, stretch } from "./words";

export const SCALE_HEIGHT = 22;
export const LANE_HEIGHT = 34;
/** px at the left where the names of the cameras stand. */
export const NAMES = 150;

export interface Lane {
  camera: number;
  name: string;
  recorded: Recorded | null;
}

export interface Alarm {
  at: number;
  label: string;
}

export interface Scene {
  view: Span;
  width: number;
  lanes: readonly Lane[];
  marks: readonly MarkView[];
  alarms: readonly Alarm[];
  /** A passage that is being marked. */
  begun: number | null;
  present: number;
  zone: string;
  offset: number;
}

/** The theme's colours, read once per painting. */
export interface Inks {
  text: string;
  dim: string;
  lane: string;
  recording: string;
  motion: string;
  mark: string;
  hold: string;
  alarm: string;
  font: string;
}

export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: of("--tx"),
    dim: of("--dim"),
    lane: of("--sunk"),
    recording: of("--recording") || of("--p4"),
    motion: of("--p2"),
    mark: of("--p3"),
    hold: of("--p3"),
    alarm: of("--p1"),
    font: of("--font") || "sans-serif",
  };
}

export function paint(pen: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
  const height = SCALE_HEIGHT + scene.lanes.length * LANE_HEIGHT;
  pen.clearRect(0, 0, scene.width + NAMES, height);
  scale(pen, scene, inks);
  scene.lanes.forEach((lane, n) => {
    pen.save();
    pen.translate(0, SCALE_HEIGHT + n * LANE_HEIGHT);
    names(pen, lane, inks);
    pen.translate(NAMES, 0);
    pen.beginPath();
    pen.rect(0, 0, scene.width, LANE_HEIGHT);
    pen.clip();
    one(pen, scene, lane, inks);
    pen.restore();
  });
  pen.save();
  pen.translate(NAMES, 0);
  lines(pen, scene, inks, height);
  pen.restore();
}

function scale(pen: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
  const precision = tickPrecision(scene.view);
  pen.font = `11px ${inks.font}`;
  pen.fillStyle = inks.dim;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const at of ticks(scene.view, scene.width, scene.offset)) {
    const full = wallText(at, scene.zone);
    const hour = precision === "seconds" ? full.slice(11, 19) : full.slice(11, 16);
    const midnight = full.slice(11, 19) === "00:00:00";
    const text = precision === "days" || midnight ? `${full.slice(0, 5)} ${full.slice(11, 16)}` : hour;
    pen.fillText(text, NAMES + toX(scene.view, scene.width, at), SCALE_HEIGHT / 2);
  }
}

function names(pen: CanvasRenderingContext2D, lane: Lane, inks: Inks): void {
  pen.font = `12px ${inks.font}`;
  pen.fillStyle = inks.text;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  let text = lane.name;
  while (text.length > 3 && pen.measureText(text).width > NAMES - 22) {
    text = `${text.slice(0, -2)}…`;
  }
  pen.fillText(text, 12, LANE_HEIGHT / 2);
}

function one(pen: CanvasRenderingContext2D, scene: Scene, lane: Lane, inks: Inks): void {
  const { view, width } = scene;
  pen.fillStyle = inks.lane;
  pen.fillRect(0, 2, width, LANE_HEIGHT - 4);
  const { recorded } = lane;
  if (recorded === null) {
    return;
  }
  const bottom = LANE_HEIGHT - 12;
  pen.fillStyle = inks.recording;
  for (const span of recorded.segments) {
    const x = toX(view, width, span.from);
    pen.fillRect(x, bottom, Math.max(1, toX(view, width, span.to) - x), 9);
  }
  recorded.gaps.forEach((gap) => hole(pen, scene, gap, inks));
  pen.fillStyle = inks.motion;
  for (const bar of motionBars(recorded.motion, recorded.from, recorded.bucket, view, width)) {
    const tall = bar.height * (bottom - 7);
    pen.fillRect(bar.x, bottom - tall, bar.width, tall);
  }
  scene.marks
    .filter((mark) => mark.camera.id === lane.camera)
    .forEach((mark) => kept(pen, scene, mark, inks));
}

/** A hole is hatched and says why: never a mere absence of colour. */
function hole(pen: CanvasRenderingContext2D, scene: Scene, gap: Gap, inks: Inks): void {
  const from = Math.max(-1, toX(scene.view, scene.width, gap.from));
  const to = Math.min(scene.width + 1, toX(scene.view, scene.width, gap.to));
  const wide = to - from;
  if (wide < 1) {
    return;
  }
  pen.save();
  pen.beginPath();
  pen.rect(from, 3, wide, LANE_HEIGHT - 6);
  pen.clip();
  pen.strokeStyle = inks.motion;
  pen.globalAlpha = 0.45;
  pen.lineWidth = 3;
  for (let x = from - LANE_HEIGHT; x < to; x += 9) {
    pen.beginPath();
    pen.moveTo(x, LANE_HEIGHT);
    pen.lineTo(x + LANE_HEIGHT, 0);
    pen.stroke();
  }
  pen.globalAlpha = 1;
  const said = `${gapReason(gap)} ${stretch(gap.to - gap.from)}`;
  pen.font = `italic 11px ${inks.font}`;
  const needs = pen.measureText(said).width + 10;
  if (needs < wide) {
    pen.fillStyle = inks.lane;
    pen.fillRect((from + to - needs) / 2, 6, needs, LANE_HEIGHT - 12);
    pen.fillStyle = inks.text;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(said, (from + to) / 2, LANE_HEIGHT / 2);
  }
  pen.restore();
}

/** A repère is a line over the lane; a gel has ends too. */
function kept(pen: CanvasRenderingContext2D, scene: Scene, mark: MarkView, inks: Inks): void {
  const from = toX(scene.view, scene.width, wallOf(mark.from));
  const wide = Math.max(3, toX(scene.view, scene.width, wallOf(mark.until)) - from);
  pen.fillStyle = mark.hold ? inks.hold : inks.mark;
  pen.fillRect(from, 3, wide, mark.hold ? 4 : 2);
  if (mark.hold) {
    pen.fillRect(from, 3, 3, LANE_HEIGHT - 6);
    pen.fillRect(from + wide - 3, 3, 3, LANE_HEIGHT - 6);
  }
}

function lines(pen: CanvasRenderingContext2D, scene: Scene, inks: Inks, height: number): void {
  const line = (at: number, ink: string, dotted: boolean): number => {
    const x = Math.round(toX(scene.view, scene.width, at)) + 0.5;
    pen.strokeStyle = ink;
    pen.setLineDash(dotted ? [3, 3] : []);
    pen.beginPath();
    pen.moveTo(x, SCALE_HEIGHT - 4);
    pen.lineTo(x, height);
    pen.stroke();
    pen.setLineDash([]);
    return x;
  };
  const inside = (at: number): boolean => at >= scene.view.from && at <= scene.view.to;
  for (const alarm of scene.alarms.filter(({ at }) => inside(at))) {
    const x = line(alarm.at, inks.alarm, false);
    pen.fillStyle = inks.alarm;
    pen.beginPath();
    pen.arc(x, SCALE_HEIGHT - 4, 4, 0, 2 * Math.PI);
    pen.fill();
  }
  if (inside(scene.present)) {
    line(scene.present, inks.dim, true);
    pen.fillStyle = inks.dim;
    pen.font = `11px ${inks.font}`;
    pen.textAlign = "left";
    pen.fillText(
      hourOf(scene.present, scene.zone),
      toX(scene.view, scene.width, scene.present) + 4,
      height - 6,
    );
  }
  if (scene.begun !== null && inside(scene.begun)) {
    line(scene.begun, inks.mark, true);
  }
}
