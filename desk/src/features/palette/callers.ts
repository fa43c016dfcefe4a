/** Who telephones: the people of the dossier in view come first, then anybody of any site (practice need 4). */
import { fold } from "../../core/actions";
import type { ContactView } from "../../core/dossier";

const DIGITS = /\D/g;
/** A number is looked for by its end: «06 39…» and «+33 6 39…» are one. */
const nationalDigits = (text: string): string =>
  text
    .replace(/^\s*(\+|00)33/, "")
    .replace(DIGITS, "")
    .replace(/^0/, "");

/** The people of the dossier whose name, role or number answers to what is typed; all of them when nothing is. */
export function ownPeople(contacts: readonly ContactView[], query: string): ContactView[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const number = /^[\d\s.+]+$/.test(query.trim()) ? nationalDigits(query) : "";
  return contacts.filter((contact) => {
    if (number !== "") {
      return contact.phones.some((phone) => nationalDigits(phone.number).includes(number));
    }
    const text = fold(`${contact.name} ${contact.role ?? ""}`);
    return words.every((word) => text.includes(word));
  });
}
