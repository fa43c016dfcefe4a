/** The test of cameras at the start of a shift (C1.1): what the desk is told, and what is left to tick. Pure. */

export interface CheckedCamera {
  camera: number;
  name: string;
  site: string;
  state: string;
  last_frame_at: string | null;
  age_s: number | null;
  faults: string[];
  sound: boolean;
}

export interface CameraCheck {
  post: { id: number; name: string };
  taken_at: string;
  due_at: string;
  signed_at: string | null;
  late: boolean;
  cameras: CheckedCamera[];
  recorders: { role: string; alive: boolean; seen_at: string }[];
}

export interface Tick {
  result: "seen" | "defect";
  note: string;
}

export type Ticks = ReadonlyMap<number, Tick>;

/** What gives no picture cannot be «seen»: the server refuses it too. */
export const mayBeSeen = (camera: CheckedCamera): boolean => camera.state === "online";

/** A camera whose tick is missing, says nothing, or has become untrue. */
export function isLeft(camera: CheckedCamera, ticks: Ticks): boolean {
  const tick = ticks.get(camera.camera);
  return tick === undefined || (tick.result === "seen" ? !mayBeSeen(camera) : tick.note.trim() === "");
}

/** Every camera without a fault that is not ticked yet is seen: one look at a wall of them. */
export function allSeen(cameras: readonly CheckedCamera[], ticks: Ticks): Ticks {
  const fresh = cameras.filter(({ camera, sound }) => sound && !ticks.has(camera));
  return new Map([
    ...ticks,
    ...fresh.map(({ camera }): [number, Tick] => [camera, { result: "seen", note: "" }]),
  ]);
}

/** What is sent. */
export const bodyOf = (cameras: readonly CheckedCamera[], ticks: Ticks) => ({
  ticks: cameras.flatMap(({ camera }) => {
    const tick = ticks.get(camera);
    return tick === undefined ? [] : [{ camera, result: tick.result, note: tick.note.trim() || null }];
  }),
});
