import { expect, test } from "vitest";
import { phone } from "./phone";

test("a French number is read two digits at a time", () => {
  expect(phone("+33639981234")).toBe("06 39 98 12 34");
  expect(phone("+33 1 99 00 12 34")).toBe("01 99 00 12 34");
});

test("a foreign or short number keeps what it is", () => {
  expect(phone("+41219900123")).toBe("+41 21 99 00 12 3");
  expect(phone("17")).toBe("17");
});
