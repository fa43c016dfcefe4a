import { expect, it } from "vitest";
import { ALONE_BEFORE, insideText, type KeyPress } from "./keys";

const press = (key: string, code = ""): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  metaKey: false,
});

it("a character close behind another one is text", () => {
  expect(insideText(press("n"), { code: "KeyI", at: 1000, text: false }, 1000 + ALONE_BEFORE - 1)).toBe(true);
  expect(insideText(press("n"), { code: "KeyI", at: 1000, text: false }, 1000 + ALONE_BEFORE)).toBe(false);
  expect(insideText(press("n"), null, 1000)).toBe(false);
});

it("«é» inside a word is text; two digits in a row are two panes", () => {
  expect(insideText(press("é", "Digit2"), { code: "KeyN", at: 1000, text: false }, 1100)).toBe(true);
  expect(insideText(press("&", "Digit1"), { code: "Digit4", at: 1000, text: false }, 1100)).toBe(false);
  expect(insideText(press("1", "Numpad1"), { code: "Digit4", at: 1000, text: false }, 1100)).toBe(false);
});

it("«l’é»: what follows text is text, an apostrophe on a digit's key or not", () => {
  expect(insideText(press("é", "Digit2"), { code: "Digit4", at: 1000, text: true }, 1100)).toBe(true);
});

it("a function key is never text", () => {
  expect(insideText(press("F5", "F5"), { code: "KeyN", at: 1000, text: false }, 1001)).toBe(false);
  expect(insideText(press("Enter", "Enter"), { code: "KeyN", at: 1000, text: false }, 1001)).toBe(false);
});
