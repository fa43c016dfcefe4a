/** The two numbers that place a fragment in time: the track's timescale and the fragment's own decode time. */

const HEAD = 8;
const CONTAINERS = new Set(["moov", "trak", "mdia", "moof", "traf"]);

interface Box {
  type: string;
  /** Offset of the body. */
  at: number;
  end: number;
}

function* boxes(data: DataView, from: number, to: number): Generator<Box> {
  let at = from;
  while (at + HEAD <= to) {
    const size = data.getUint32(at);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((n) => data.getUint8(at + n)));
    // Neither 64-bit nor endless boxes stand before the ones looked for.
    if (size < HEAD || at + size > to) {
      return;
    }
    const box = { type, at: at + HEAD, end: at + size };
    if (CONTAINERS.has(type)) {
      yield* boxes(data, box.at, box.end);
    } else {
      yield box;
    }
    at += size;
  }
}

function find(bytes: Uint8Array, type: string): { data: DataView; box: Box } | null {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const box of boxes(data, 0, bytes.byteLength)) {
    if (box.type === type) {
      return { data, box };
    }
  }
  return null;
}

/** Units per second of the (first) track of an init segment. */
export function timescaleOf(init: Uint8Array): number | null {
  const found = find(init, "mdhd");
  if (found === null || found.box.end - found.box.at < 20) {
    return null;
  }
  const { data, box } = found;
  const at = box.at + (data.getUint8(box.at) === 1 ? 20 : 12);
  return at + 4 <= box.end ? data.getUint32(at) || null : null;
}

/** Decode time of a fragment, in units of its track. */
export function decodeTimeOf(fragment: Uint8Array): number | null {
  const found = find(fragment, "tfdt");
  if (found === null || found.box.end - found.box.at < 8) {
    return null;
  }
  const { data, box } = found;
  if (data.getUint8(box.at) === 1) {
    return box.end - box.at >= 12 ? Number(data.getBigUint64(box.at + 4)) : null;
  }
  return data.getUint32(box.at + 4);
}
