import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { rowsOf, useWorld } from "../../live/hooks";
import { useEscape } from "../../ui/escape";
import { Button } from "../../ui/Button";
import { Kbd } from "../../ui/Kbd";
import { Field } from "../../ui/parts";
import shell from "../shell/shell.module.css";
import { changeMotif } from "./acts";
import classes from "./wall.module.css";
import { motifs } from "./words";

/** F9, then a digit: why one looks from now on; it is inscribed with each camera shown. */
export function MotifSheet({ post, onDone }: { post: number | null; onDone: () => void }) {
  const { t } = useLingui();
  const own = useWorld((world) => rowsOf(world.posts).find((each) => each.id === post)?.motif ?? null);
  const [words, setWords] = useState("");
  const sheet = useRef<HTMLFormElement>(null);
  useEscape(onDone);
  useEffect(() => sheet.current?.focus(), []);
  const choices = [...(own === null ? [] : [{ code: own, label: t`${own} (celui du poste)` }]), ...motifs()];
  const press = (event: KeyboardEvent): void => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const chosen = choices[Number(digit ?? 0) - 1];
    if (chosen && !(event.target instanceof HTMLInputElement) && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      void changeMotif(chosen.code, chosen.label);
    }
  };
  return (
    <div className={shell.overlay} onClick={(event) => event.target === event.currentTarget && onDone()}>
      <form
        ref={sheet}
        className={`${shell.sheet} ${classes.smallSheet}`}
        role="dialog"
        aria-label={t`Motif de visionnage`}
        tabIndex={-1}
        onKeyDown={press}
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() !== "") {
            void changeMotif(words.trim(), words.trim());
          }
        }}
      >
        <header>
          <Trans>Motif de visionnage</Trans>
        </header>
        <ul className={classes.choices}>
          {choices.map(({ code, label }, index) => (
            <li key={code}>
              <button type="button" onClick={() => void changeMotif(code, label)}>
                <Kbd of={`Digit${index + 1}`} /> {label}
              </button>
            </li>
          ))}
        </ul>
        <div className={classes.saving}>
          <Field
            label={t`Autre motif`}
            value={words}
            maxLength={300}
            onChange={(event) => setWords(event.target.value)}
          />
          <Button type="submit" disabled={words.trim() === ""}>
            <Trans>Retenir</Trans>
          </Button>
        </div>
      </form>
    </div>
  );
}
