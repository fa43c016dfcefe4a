import { describe, expect, it } from "vitest";
import { idsOf, readSearch } from "./search";

describe("the address of a consultation", () => {
  it("names cameras, a moment and a dossier", () => {
    expect(readSearch({ cameras: "3,1", at: "2026-11-23T02:11:48Z", incident: 7 })).toEqual({
      cameras: "3,1",
      at: "2026-11-23T02:11:48Z",
      incident: 7,
    });
    expect(readSearch({ cameras: 4 })).toEqual({ cameras: "4" });
  });
  it("leaves out what it is not", () => {
    expect(readSearch({ cameras: "a,-1,0", at: "hier", incident: "x" })).toEqual({});
    expect(idsOf("1,1,2,3,4,5,6,7,8,9,10,11")).toHaveLength(9);
  });
});
