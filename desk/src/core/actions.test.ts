import { describe, expect, it } from "vitest";
import { actionFor, findActions, type Action, type Focus } from "./actions";
import { chord, matches, shown, type KeyPress } from "./keys";

const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: "",
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  metaKey: false,
  ...change,
});
const action = (id: string, keys: string[], change: Partial<Action<null>> = {}): Action<null> => ({
  id,
  label: () => id,
  group: "essai",
  keys,
  visible: () => true,
  perform: () => undefined,
  ...change,
});
const actions = [
  action("next", ["N"], { scope: "list", changes: true }),
  action("card", ["V"], { scope: "card" }),
  action("take", ["Ctrl+Enter"], { changes: true }),
  action("pane", ["Digit1"]),
  action("dock", ["Ctrl+Digit1"]),
  action("palette", ["Ctrl+K", "F2", ":"]),
  action("help", ["?"]),
  action("f8", ["F8"]),
  action("hidden", ["F9"], { visible: () => false }),
];
const list: Focus = { typing: false, written: false, scope: "list", letters: true };
const card: Focus = { ...list, scope: "card" };
const nowhere: Focus = { ...list, scope: null };
const field: Focus = { ...card, typing: true };
const found = (key: KeyPress, focus: Focus): string | undefined => actionFor(actions, key, focus, null)?.id;

describe("keys", () => {
  it("a single letter acts only in a list, and can be turned off", () => {
    expect(found(press("n"), list)).toBe("next");
    expect(found(press("N", { shiftKey: true }), list)).toBe("next");
    expect(found(press("n"), nowhere)).toBeUndefined();
    expect(found(press("n"), field)).toBeUndefined();
    expect(found(press("n"), { ...list, letters: false })).toBeUndefined();
  });

  it("a letter of the front card acts only when a card has the focus, never in the queue", () => {
    expect(found(press("v"), card)).toBe("card");
    expect(found(press("v"), list)).toBeUndefined();
    expect(found(press("v"), nowhere)).toBeUndefined();
    expect(found(press("v"), field)).toBeUndefined();
    expect(found(press("n"), card)).toBe("next");
  });

  it("Ctrl+Enter acts from an empty field as from elsewhere, never from one in which something stands", () => {
    const enter = press("Enter", { ctrlKey: true });
    expect(found(enter, list)).toBe("take");
    expect(found(enter, field)).toBe("take");
    expect(found(enter, { ...field, written: true })).toBeUndefined();
  });

  it("digits are physical keys: AZERTY types «&» on the 1", () => {
    expect(found(press("&", { code: "Digit1" }), nowhere)).toBe("pane");
    expect(found(press("1", { code: "Digit1", shiftKey: true }), nowhere)).toBe("pane");
    expect(found(press("1", { code: "Numpad1" }), nowhere)).toBe("pane");
    expect(found(press("&", { code: "Digit1", ctrlKey: true }), field)).toBe("dock");
    expect(found(press("&", { code: "Digit1" }), field)).toBeUndefined();
  });

  it("«:» and «?» are keys whether or not the layout needs Shift, and text in a field", () => {
    expect(found(press(":"), nowhere)).toBe("palette");
    expect(found(press(":", { shiftKey: true }), nowhere)).toBe("palette");
    expect(found(press("?", { shiftKey: true }), list)).toBe("help");
    expect(found(press(":"), field)).toBeUndefined();
  });

  it("function keys and Ctrl chords act while one types", () => {
    expect(found(press("F8"), field)).toBe("f8");
    expect(found(press("k", { ctrlKey: true }), field)).toBe("palette");
  });

  it("what the server does not allow has no key", () => {
    expect(found(press("F9"), list)).toBeUndefined();
  });

  it("no French letter typed anywhere but in a list or a card means anything", () => {
    for (const letter of "abcdefghijklmnopqrstuvwxyzéèàçùâêîôûëïüœ',;!. ") {
      expect(found(press(letter), nowhere)).toBeUndefined();
      expect(found(press(letter), field)).toBeUndefined();
    }
  });

  it("AltGr (Ctrl+Alt) is not Ctrl", () => {
    expect(matches(chord("Ctrl+K"), press("k", { ctrlKey: true, altKey: true }))).toBe(false);
  });

  it("are shown as they are written on the keyboard", () => {
    expect(shown("Ctrl+Space", "fr")).toBe("Ctrl+Espace");
    expect(shown("Ctrl+Digit3", "fr")).toBe("Ctrl+3");
    expect(shown("Escape", "en")).toBe("Escape");
    expect(shown("Shift+F5", "fr")).toBe("Maj+F5");
  });
});

describe("the command bar", () => {
  it("shows first what begins with the words", () => {
    const some = [
      action("leave", [], { label: () => "Je m’absente : confier mes dossiers" }),
      action("give", [], { label: () => "Confier à…" }),
    ];
    expect(findActions(some, "confier", null).map((each) => each.id)).toEqual(["give", "leave"]);
    expect(findActions(some, "", null).map((each) => each.id)).toEqual(["leave", "give"]);
  });

  it("finds by words in any order, without accents, and hides what may not be done", () => {
    const some = [
      action("a", [], { label: () => "Écluse : fiche du site" }),
      action("b", [], { visible: () => false }),
    ];
    expect(findActions(some, "site ecluse", null).map((each) => each.id)).toEqual(["a"]);
    expect(findActions(some, "", null).map((each) => each.id)).toEqual(["a"]);
  });
});
