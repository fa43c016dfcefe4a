import { describe, expect, it } from "vitest";
import type { ImageView } from "../../core/recordings";
import { SECOND } from "../../video/playbackPlan";
import { wallOf } from "../playback/instant";
import { clipSpan, grown } from "./clip";

const image = (from: string, until: string): ImageView => ({
  camera: { id: 1, reference: "CAM-1", name: "Quai", place: null, regime: "private", ptz: false },
  zone: null,
  alarm_at: from,
  from,
  until,
  preset: null,
  lost_before: null,
  source: "recorder",
  clip: null,
});

describe("the clip of a dossier", () => {
  it("holds every camera's stretch", () => {
    const span = clipSpan([
      image("2026-11-23T02:10:53Z", "2026-11-23T02:11:38Z"),
      image("2026-11-23T02:11:15Z", "2026-11-23T02:12:00Z"),
    ]);
    expect(span).toEqual({ from: wallOf("2026-11-23T02:10:53Z"), to: wallOf("2026-11-23T02:12:00Z") });
  });
  it("grows with what is recorded, and never beyond its end", () => {
    const span = { from: 0, to: 45 * SECOND };
    expect(grown(span, 20 * SECOND)).toEqual({ from: 0, to: 17 * SECOND });
    expect(grown(span, 500 * SECOND)).toEqual(span);
    expect(grown(span, SECOND)).toEqual({ from: 0, to: 2 * SECOND });
  });
});
