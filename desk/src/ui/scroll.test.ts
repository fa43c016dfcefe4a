import { describe, expect, it } from "vitest";
import { shift } from "./scroll";

const pane = { top: 100, bottom: 300 };

describe("what must be seen in a pane", () => {
  it("stays where it is when it is whole in sight", () => {
    expect(shift({ top: 100, bottom: 300 }, pane, "nearest")).toBe(0);
  });
  it("comes by the shortest way from above and from below", () => {
    expect(shift({ top: 60, bottom: 90 }, pane, "nearest")).toBe(-40);
    expect(shift({ top: 280, bottom: 330 }, pane, "nearest")).toBe(30);
  });
  it("shows its beginning when it is higher than the pane", () => {
    expect(shift({ top: 150, bottom: 900 }, pane, "nearest")).toBe(50);
  });
  it("comes to the top, or to the middle", () => {
    expect(shift({ top: 250, bottom: 260 }, pane, "start")).toBe(150);
    expect(shift({ top: 380, bottom: 420 }, pane, "center")).toBe(200);
  });
});
