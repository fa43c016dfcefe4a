/** The recorder's `/play` for the dev mock: a film over and over, a hole of five minutes, some motion. Never shipped. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { film, fragmentAt, FPS, GOP, MIME, type Film } from "./film.ts";

const US = 1_000_000;
const STEP = US / FPS;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
let made: Film | null | undefined;

export type Wall = () => number;

function send(socket: Duplex, opcode: number, payload: Buffer): void {
  const long = payload.length > 65_535;
  const head = Buffer.alloc(payload.length < 126 ? 2 : long ? 10 : 4);
  head[0] = 0x80 | opcode;
  if (payload.length < 126) {
    head[1] = payload.length;
  } else if (long) {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  } else {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  }
  socket.write(Buffer.concat([head, payload]));
}

function* messages(buffer: Buffer): Generator<{ text: string; size: number }> {
  let at = 0;
  while (buffer.length - at >= 6) {
    const short = (buffer[at + 1] ?? 0) & 0x7f;
    const extra = short === 126 ? 2 : 0;
    const length = short === 126 ? buffer.readUInt16BE(at + 2) : short;
    const start = at + 2 + extra + 4;
    if (buffer.length < start + length) {
      return;
    }
    const mask = buffer.subarray(start - 4, start);
    const data = Buffer.from(
      buffer.subarray(start, start + length).map((byte, n) => byte ^ (mask[n % 4] ?? 0)),
    );
    const size = start + length - at;
    yield { text: (buffer[at] ?? 0) === 0x81 ? data.toString() : "", size };
    at += size;
  }
}

/** Answers one browser; camera 4 has lost five minutes. */
export function play(request: IncomingMessage, socket: Duplex, now: Wall): void {
  made ??= film();
  const camera = Number(new URL(request.url ?? "/", "http://mock").searchParams.get("ticket")?.split("-")[1]);
  const key = String(request.headers["sec-websocket-key"] ?? "");
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let held = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (data: Buffer) => {
    held = Buffer.concat([held, data]);
    let used = 0;
    for (const { text, size } of messages(held)) {
      used += size;
      if (text !== "" && made) {
        answer(socket, JSON.parse(text) as Asked, made, camera, now());
      }
    }
    held = held.subarray(used);
  });
}

interface Asked {
  id: number;
  op: string;
  from: number;
  to: number;
  at: number;
  until: number;
  count: number;
}

const hole = (camera: number, now: number): [number, number] =>
  camera === 4 ? [now - 7 * 60 * US, now - 2 * 60 * US] : [0, 0];

const part = (kind: number, wall: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head[0] = kind;
  head.writeBigUInt64BE(BigInt(Math.round(wall)), 1);
  return Buffer.concat([head, payload]);
};

function answer(socket: Duplex, asked: Asked, held: Film, camera: number, now: number): void {
  const say = (body: object, parts: Buffer[]): void => {
    send(socket, 1, Buffer.from(JSON.stringify({ id: asked.id, parts: parts.length, ...body })));
    parts.forEach((each) => send(socket, 2, each));
  };
  const [lost, back] = hole(camera, now);
  const picture = (at: number): Buffer =>
    held.strip[Math.floor(at / (2 * US)) % held.strip.length] ?? Buffer.alloc(0);
  if (asked.op === "timeline") {
    const to = Math.min(asked.to, now);
    const segments =
      lost > 0
        ? [
            [asked.from, lost],
            [back, to],
          ].filter(([a = 0, b = 0]) => b > a)
        : [[asked.from, to]];
    const bucket = Math.max(US, Math.ceil((asked.to - asked.from) / 600 / US) * US);
    const motion = Array.from({ length: Math.ceil((to - asked.from) / bucket) }, (_, n) => {
      const second = Math.floor((asked.from + n * bucket) / US) + camera * 97;
      return second % 400 < 40 ? 30 + ((second * 37) % 60) : 0;
    });
    say({ segments, gaps: lost > 0 ? [[lost, back, "unreachable"]] : [], motion, bucket_us: bucket }, []);
  } else if (asked.op === "still") {
    say({}, [part(2, asked.at, picture(asked.at))]);
  } else if (asked.op === "strip") {
    const step = Math.max(2 * US, (asked.to - asked.from) / asked.count);
    const first = Math.ceil(asked.from / step) * step;
    const at = Array.from({ length: asked.count }, (_, n) => first + n * step).filter(
      (each) => each < Math.min(asked.to, now) && !(each >= lost && each < back),
    );
    say(
      { at },
      at.map((each) => part(2, each, picture(each))),
    );
  } else {
    read(say, asked, held, now);
  }
}

function read(say: (body: object, parts: Buffer[]) => void, asked: Asked, held: Film, now: number): void {
  const gop = GOP * STEP;
  const from = Math.floor(asked.at / gop) * gop;
  const to = Math.min(Math.ceil(asked.until / gop) * gop, Math.floor(now / gop) * gop);
  const parts = [part(0, from, held.init)];
  for (let wall = from; wall < to; wall += STEP) {
    parts.push(part(1, wall, fragmentAt(held, Math.round(wall / STEP), wall)));
  }
  say({ mime: MIME, from, to, next: to, done: true }, parts);
}
