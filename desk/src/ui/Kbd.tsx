import { shown } from "../core/keys";
import { language } from "../app/i18n";

/** A key, as it is written on the keyboard. */
export function Kbd({ of }: { of: string }) {
  return <kbd aria-hidden="true">{shown(of, language.get())}</kbd>;
}
