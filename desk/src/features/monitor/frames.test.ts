import { describe, expect, it } from "vitest";
import { asked, astray, carried, FRAMES_KEPT, mergeFrames, readable, type FrameView } from "./frames";

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

  it("tells once what a frame of several events carried beside them", () => {
    const event = {
      category: "intrusion",
      code: "130",
      qualifier: "new",
      area: null,
      zone: null,
      user: null,
      text: null,
    };
    const events: FrameView["events"] = [
      { ...event, extended: { L: "Quai 3", V: "https://video.example.org/1" } },
      { ...event, extended: { L: "Quai 3", ti: "10:01" } },
    ];
    expect(carried({ ...frame(1), events })).toEqual([
      ["L", "Quai 3"],
      ["V", "https://video.example.org/1"],
      ["ti", "10:01"],
    ]);
  });

  it("says a clock that is wrong, and none that is right", () => {
    expect([null, 0, -4.2, 5.1, -86_400].map(astray)).toEqual([null, null, null, 5.1, -86_400]);
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
