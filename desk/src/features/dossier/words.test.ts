import { describe, expect, it } from "vitest";
import { headlineText } from "../queue/words";
import { cameBy, doubt, eventWords, fieldText, pointText, signalWords, unitText } from "./words";

const told = {
  code: "130",
  label_code: "130",
  category: "intrusion",
  qualifier: "new",
  area: "1",
  zone: "015",
  zone_name: null,
  user: null,
  text: null,
};

describe("the words of a signal", () => {
  it("names the code, the point, its name", () => {
    expect(headlineText({ ...told, zone_name: "Quai" })).toBe("Intrusion point 015 Quai");
    expect(headlineText({ ...told, zone: "000" })).toBe("Intrusion");
  });

  it("says a thing once", () => {
    const opened = {
      ...told,
      code: "401",
      label_code: "401",
      category: "open_close",
      zone: null,
      user: "002",
    };
    expect(eventWords(opened)).toBe("Mise hors service par utilisateur 002");
    expect(eventWords({ ...opened, qualifier: "restore" })).toBe("Mise en service utilisateur 002");
    const box = { ...told, code: "137", label_code: "137", category: "tamper" };
    expect(headlineText({ ...box, zone_name: "Autosurveillance du boîtier" })).toBe(
      "Autosurveillance du boîtier (point 015)",
    );
  });

  it("has words for the station’s own codes and for unknown ones", () => {
    const own = { ...told, zone: null, label_code: null };
    expect(headlineText({ ...own, code: "not_armed", category: "open_close" })).toBe(
      "Non mise en service à l’heure",
    );
    expect(headlineText({ ...own, code: "ABC", category: "unknown" })).toBe("Signal inconnu");
  });

  it("ends an alarm in the table’s own words", () => {
    const end = { ...told, qualifier: "restore", zone: "000" };
    expect(eventWords({ ...end, code: "301", label_code: "301", category: "power" })).toBe("Retour secteur");
    expect(eventWords({ ...end, code: "AR", label_code: "AR", category: "power" })).toBe("Retour secteur");
    expect(eventWords(end)).toBe("Fin\u00a0: Intrusion");
  });

  it("ends no return, and names a path once", () => {
    const back = { ...told, code: "path_back", label_code: null, category: "path", qualifier: "restore" };
    const event = { ...back, zone: null, text: "radio" };
    expect(eventWords(event)).toBe("Retour de liaison");
    expect(cameBy({ path: "radio", line: "a", event })).toBe("radio");
    expect(cameBy({ path: null, line: "a", event })).toBe("a · radio");
    expect(cameBy({ path: "ip", line: "a", event: { ...event, text: null } })).toBe("ip");
  });

  it("says points and units without a raw code or an echo", () => {
    expect(pointText("#code:301")).toBe("Absence secteur");
    expect(pointText("Quai de livraison")).toBe("Quai de livraison");
    expect(unitText("gendarmerie", "Gendarmerie, CORG de l’Essai")).toBe("Gendarmerie, CORG de l’Essai");
    expect(unitText("police", "Commissariat de Villeneuve")).toBe(
      "Police nationale : Commissariat de Villeneuve",
    );
  });
});

describe("what a signal's line says of its frame", () => {
  it("names the doubt in the words of the queue's chip, with the hour's distance", () => {
    expect(doubt({ verdict: "accepted", drift: 86_400 })).toBeNull();
    expect(doubt({ verdict: "clear_refused", drift: null })).toBe("non authentifié");
    expect(doubt({ verdict: "unreadable", drift: null })).toBe("illisible");
    expect(doubt({ verdict: "bad_key", drift: null })).toBe("mauvaise clé");
    expect(doubt({ verdict: "stale", drift: -90 })).toBe("heure refusée (écart de −1 min 30)");
    expect(doubt({ verdict: "stale", drift: null })).toBe("heure refusée");
  });

  it("reads no event in a frame that stayed closed", () => {
    const event = { ...told, code: null, label_code: null, category: "unknown", qualifier: null, zone: null };
    expect(signalWords({ event, verdict: "stale" })).toBe("Trame dont le contenu n’a pas été lu");
    expect(signalWords({ event: told, verdict: "clear_refused" })).toBe("Intrusion point 015");
  });

  it("names what was carried beside, also what no list names", () => {
    expect(fieldText("V")).toBe("vérification");
    expect(fieldText("Q")).toBe("champ Q");
  });
});
