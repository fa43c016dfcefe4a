/** A minute of film for the dev mock, made by the machine's own ffmpeg: fragments of one frame, and a strip. Never shipped. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Film {
  init: Buffer;
  /** One `moof` + `mdat` a frame. */
  frames: { data: Buffer; key: boolean }[];
  strip: Buffer[];
  timescale: number;
}

export const FPS = 25;
export const SECONDS = 60;
export const GOP = 50;
export const MIME = 'video/mp4; codecs="avc1.42C01F"';

const SOURCE = "testsrc2=size=1280x720:rate=25";

/** Makes it once; null without ffmpeg. */
export function film(): Film | null {
  try {
    const at = join(tmpdir(), "veilleur-dev-film");
    mkdirSync(at, { recursive: true });
    const quiet = ["-loglevel", "error", "-y"];
    const coded = [
      "-c:v",
      "libx264",
      "-profile:v",
      "baseline",
      "-preset",
      "ultrafast",
      "-pix_fmt",
      "yuv420p",
    ];
    const cut = ["-movflags", "frag_every_frame+empty_moov+default_base_moof"];
    const input = ["-f", "lavfi", "-i", SOURCE, "-t", String(SECONDS)];
    const mp4 = join(at, "film.mp4");
    const fresh = !existsSync(mp4);
    if (fresh) {
      execFileSync("ffmpeg", [
        ...quiet,
        ...input,
        ...coded,
        "-g",
        String(GOP),
        "-sc_threshold",
        "0",
        "-bf",
        "0",
        ...cut,
        mp4,
      ]);
    }
    if (fresh) {
      execFileSync("ffmpeg", [
        ...quiet,
        "-i",
        mp4,
        "-vf",
        "fps=0.5,scale=480:-1",
        "-q:v",
        "5",
        join(at, "s%03d.jpg"),
      ]);
    }
    const strip = readdirSync(at)
      .filter((name) => name.endsWith(".jpg"))
      .sort();
    return { ...split(readFileSync(mp4)), strip: strip.map((name) => readFileSync(join(at, name))) };
  } catch {
    return null;
  }
}

function split(bytes: Buffer): Omit<Film, "strip"> {
  const frames: Film["frames"] = [];
  const head: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const name = bytes.toString("latin1", at + 4, at + 8);
    const box = bytes.subarray(at, at + size);
    if (name === "moof") {
      frames.push({ data: box, key: frames.length % GOP === 0 });
    } else if (name === "mdat" && frames.length > 0) {
      const last = frames[frames.length - 1];
      if (last) {
        last.data = Buffer.concat([last.data, box]);
      }
    } else if (name === "ftyp" || name === "moov") {
      head.push(box);
    }
    at += size;
  }
  const init = Buffer.concat(head);
  const mdhd = init.indexOf("mdhd");
  return { init, frames, timescale: init.readUInt32BE(mdhd + 4 + 12) };
}

/** A frame's fragment as if it was taken at this wall µs. */
export function fragmentAt(made: Film, n: number, wall: number): Buffer {
  const frame = made.frames[n % made.frames.length];
  const copy = Buffer.from(frame?.data ?? Buffer.alloc(0));
  const tfdt = copy.indexOf("tfdt");
  copy.writeBigUInt64BE((BigInt(wall) * BigInt(made.timescale)) / 1_000_000n, tfdt + 8);
  return copy;
}
