import { expect, it } from "vitest";
import { ALONE_AFTER, ALONE_BEFORE, insideText, isOfText, type KeyPress } from "./keys";

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

it("«ê» by a dead key, a slip mended, «@» behind AltGr: all of it is text", () => {
  expect(isOfText(press("Dead", "BracketLeft"))).toBe(true);
  expect(isOfText(press("Backspace", "Backspace"))).toBe(true);
  expect(isOfText({ ...press("@", "Digit0"), ctrlKey: true, altKey: true }, true)).toBe(true);
  expect(isOfText({ ...press("k", "KeyK"), ctrlKey: true })).toBe(false);
  expect(isOfText(press("Enter", "Enter"))).toBe(false);
});

it("nobody who writes with one finger is taken for an order", () => {
  for (const pace of [60, 150, 260, 400]) {
    expect(insideText(press("n"), { code: "KeyO", at: 1000, text: true }, 1000 + pace)).toBe(true);
    expect(pace).toBeLessThan(ALONE_AFTER);
  }
});
