import { word } from "../../app/i18n";
import classes from "./people.module.css";

interface Props {
  label: string;
  /** The vocabulary of the codes. */
  list: string;
  of: readonly string[];
  value: readonly string[];
  onChange: (value: readonly string[]) => void;
}

/** Several of a few codes. */
export function Checks({ label, list, of, value, onChange }: Props) {
  return (
    <fieldset className={classes.checks}>
      <legend>{label}</legend>
      {of.map((code) => (
        <label key={code}>
          <input
            type="checkbox"
            checked={value.includes(code)}
            onChange={(event) =>
              onChange(event.target.checked ? [...value, code] : value.filter((held) => held !== code))
            }
          />
          {word(list, code)}
        </label>
      ))}
    </fieldset>
  );
}
