import { describe, expect, it } from "vitest";
import { asked, FRAMES_KEPT, mergeFrames, readable, type FrameView } from "./frames";

const frame = (id: number, copies = 0): FrameView => ({
  id,
  position: id,
  received_at: "2026-11-23T02:00:00Z",
  line: "R1",
  account: "1234",
  protocol: "dc09",
  token: "ADM-CID",
  sequence: "0001",
  verdict: "accepted",
  copies,
  peer: "127.0.0.1",
  raw: "",
  events: [],
  site: null,
  encrypted: false,
  transport: "tcp",
  drift: null,
  details: [],
  inner_account: null,
});

describe("the monitor", () => {
  it("keeps each frame once, newest first, with its latest count of copies", () => {
    const merged = mergeFrames([frame(2), frame(1)], [frame(3), frame(2, 4)]);
    expect(merged.map(({ id, copies }) => [id, copies])).toEqual([
      [3, 0],
      [2, 4],
      [1, 0],
    ]);
  });

  it("does not grow without end", () => {
    expect(
      mergeFrames(
        [],
        Array.from({ length: FRAMES_KEPT + 9 }, (_, n) => frame(n)),
      ),
    ).toHaveLength(FRAMES_KEPT);
  });

  it("asks by what is typed only", () => {
    expect(asked({ line: "", account: "12 34", peer: "192.0.2.7" }).toString()).toBe(
      "account=12+34&peer=192.0.2.7",
    );
  });

  it("shows a frame as text, control characters included", () => {
    expect(readable("0a224e554c4c220d")).toBe('␊"NULL"␍');
    expect(readable("e900")).toBe("é·");
  });
});
