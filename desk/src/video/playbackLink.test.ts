import { describe, expect, it } from "vitest";
import { PlaybackLink, type Socket } from "./playbackLink";
import { boxAt, decodeTimeOf, JPEG, readPart, timescaleOf } from "./playbackWire";

/** The recorder's end of a socket, played by the test. */
function wire() {
  const sent: { id: number; op: string }[] = [];
  const socket: Socket = {
    binaryType: "",
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => sent.push(JSON.parse(text) as { id: number; op: string }),
    close: () => undefined,
  };
  const say = (data: unknown): void => socket.onmessage?.({ data } as MessageEvent);
  const picture = (wall: number): ArrayBuffer => {
    const bytes = new Uint8Array(10);
    bytes[0] = JPEG;
    new DataView(bytes.buffer).setBigUint64(1, BigInt(wall));
    bytes[9] = 7;
    return bytes.buffer;
  };
  return { socket, sent, say, picture };
}

describe("the link to a recorder", () => {
  it("keeps few requests in flight and gives each its own pictures", async () => {
    const { socket, sent, say, picture } = wire();
    const link = new PlaybackLink(socket, () => undefined);
    const first = link.ask("still", { at: 1 });
    const second = link.ask("strip", { from: 1, to: 9, count: 2 });
    const third = link.ask("still", { at: 3 });
    expect(sent).toHaveLength(0);
    socket.onopen?.(new Event("open"));
    expect(sent.map(({ op }) => op)).toEqual(["still", "strip"]);
    say(JSON.stringify({ id: 1, parts: 1 }));
    say(picture(1_795_000_000_123_456));
    expect((await first).parts[0]).toMatchObject({ wall: 1_795_000_000_123_456, kind: JPEG });
    expect(sent).toHaveLength(3);
    say(JSON.stringify({ id: 2, at: [2, 3], parts: 2 }));
    say(picture(2));
    say(picture(3));
    expect((await second).parts.map(({ wall }) => wall)).toEqual([2, 3]);
    say(JSON.stringify({ id: 3, error: "outside", parts: 0 }));
    await expect(third).rejects.toMatchObject({ code: "outside" });
  });
  it("gives up what was not sent when the hand is elsewhere, and all when the socket goes", async () => {
    const { socket } = wire();
    const codes: string[] = [];
    const link = new PlaybackLink(socket, (code) => codes.push(code));
    const given = link.ask("read", { at: 1 });
    link.drop("read");
    await expect(given).rejects.toMatchObject({ code: "play_dropped" });
    const left = link.ask("still", { at: 1 });
    socket.onclose?.({ code: 4403 } as CloseEvent);
    await expect(left).rejects.toMatchObject({ code: "play_revoked" });
    await expect(link.ask("still", { at: 1 })).rejects.toMatchObject({ code: "play_revoked" });
    expect(codes).toEqual(["play_revoked"]);
  });
  it("is not disturbed by what it does not know", () => {
    const { socket, say } = wire();
    new PlaybackLink(socket, () => undefined);
    say("not json");
    say(JSON.stringify({ id: 99, parts: 1 }));
    say(new ArrayBuffer(3));
    expect(readPart(new ArrayBuffer(8))).toBeNull();
  });
});

/** A box of an MP4: size, name, contents. */
function box(name: string, ...inside: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = 8 + inside.reduce((sum, each) => sum + each.length, 0);
  const made = new Uint8Array(size);
  new DataView(made.buffer).setUint32(0, size);
  made.set(new TextEncoder().encode(name), 4);
  let at = 8;
  for (const each of inside) {
    made.set(each, at);
    at += each.length;
  }
  return made;
}

describe("the time of a fragment", () => {
  it("is read in its own boxes, short or long", () => {
    const mdhd = new Uint8Array(24);
    new DataView(mdhd.buffer).setUint32(12, 90_000);
    expect(timescaleOf(box("moov", box("trak", box("tkhd"), box("mdia", box("mdhd", mdhd)))))).toBe(90_000);
    const tfdt = new Uint8Array(12);
    tfdt[0] = 1;
    new DataView(tfdt.buffer).setBigUint64(4, 1_795_000_000_123_456n);
    expect(decodeTimeOf(box("moof", box("mfhd"), box("traf", box("tfdt", tfdt))))).toBe(
      1_795_000_000_123_456,
    );
    expect(
      decodeTimeOf(box("moof", box("traf", box("tfdt", new Uint8Array([0, 0, 0, 0, 0, 0, 1, 0]))))),
    ).toBe(256);
  });
  it("is not there in bytes that are cut or lie about their size", () => {
    expect(timescaleOf(box("moov"))).toBeNull();
    expect(decodeTimeOf(new Uint8Array([0, 0, 0, 200, 109, 111, 111, 102]))).toBeNull();
    expect(boxAt(new DataView(new ArrayBuffer(4)), ["moov"])).toBeNull();
  });
});
