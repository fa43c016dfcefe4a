import { useLingui } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { Choice } from "../../ui/parts";
import { PURPOSES } from "./words";

/** Vidéoprotection has one of the purposes of the law (L251-2), in the law's words. */
export function Purpose(props: { value: string; may?: boolean; onChoose: (code: string) => void }) {
  const { t } = useLingui();
  return (
    <Choice
      label={t`Finalité (L251-2)`}
      value={props.value}
      required
      disabled={props.may === false}
      onChange={(event) => props.onChoose(event.target.value)}
    >
      <option value="">{t`à choisir`}</option>
      {PURPOSES.map((each) => (
        <option key={each} value={each}>
          {word("camera_purpose", each)}
        </option>
      ))}
    </Choice>
  );
}
