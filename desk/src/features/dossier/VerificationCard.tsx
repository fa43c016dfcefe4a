import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import { VERIFICATION } from "../../core/front";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Heading } from "../../ui/parts";
import { Kbd } from "../../ui/Kbd";
import { useCardKeys } from "./cardKeys";
import { Clues } from "./Clues";
import { useCard, useChoices } from "./Fronts";
import { say } from "./say";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** In one order for ever, so that a key always means the same; what duress locks is last, and moves no other key. */
const RESULTS = ["goods", "persons", "impossible", "negative"] as const;
const KINDS = ["image", "sound", "witness", "agent", "words", "second_button", "hours", "history"] as const;

/** La levée de doute: its clues and its result. */
export function VerificationCard({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const can = dossier.abilities.includes("verification");
  // Under duress «négative» would be «alarme injustifiée» (P1): what locks those causes locks it.
  const locked = dossier.closing.outcomes.find((each) => each.locked !== null)?.locked ?? null;
  const keyed = useChoices(
    VERIFICATION,
    can
      ? RESULTS.map((result) => ({
          id: result,
          label: word("verification", result),
          on: dossier.row.verification === result,
          disabled: result === "negative" && locked !== null,
          perform: () => void send("verification", { result }),
        }))
      : [],
  );
  return (
    <section {...useCard(VERIFICATION)} className={classes.card} aria-label={t`Levée de doute`}>
      <Heading aside={word("verification", dossier.row.verification)}>
        <Trans>Levée de doute</Trans>
      </Heading>
      <Clues dossier={dossier} send={send} />
      {can ? (
        <>
          <div className={classes.levels} role="group" aria-label={t`Résultat de la levée de doute`}>
            {keyed.map((choice) => (
              <button
                key={choice.id}
                type="button"
                aria-pressed={choice.on}
                disabled={choice.disabled}
                title={choice.disabled && locked ? say(locked) : undefined}
                data-hotkey={choice.hotkey ?? undefined}
                className={choice.on ? classes.on : ""}
                onClick={choice.perform}
              >
                {choice.label}
                {choice.hotkey ? <Kbd of={choice.hotkey} /> : null}
              </button>
            ))}
          </div>
          {locked ? (
            <p className={classes.locked}>
              {word("verification", "negative")}
              {"\u00a0"}: {say(locked)}
            </p>
          ) : null}
          <AddClue send={send} />
        </>
      ) : null}
    </section>
  );
}

function AddClue({ send }: { send: Send }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState<string>("");
  const [text, setText] = useState("");
  useCardKeys([{ key: "Ctrl+I", label: t`Ajouter un indice`, perform: () => setOpen(true) }]);
  useEscape(open ? () => setOpen(false) : null);
  if (!open) {
    return (
      <Button hotkey="Ctrl+I" onClick={() => setOpen(true)}>
        <Trans>Ajouter un indice</Trans>
      </Button>
    );
  }
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await send("clues", { kind, text })) {
      setOpen(false);
      setText("");
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <select
        className={classes.select}
        autoFocus
        required
        aria-label={t`Nature de l’indice`}
        value={kind}
        onChange={(event) => setKind(event.target.value)}
      >
        <option value="">{t`Nature de l’indice…`}</option>
        {KINDS.map((each) => (
          <option key={each} value={each}>
            {word("clue", each)}
          </option>
        ))}
      </select>
      <input
        className={classes.note}
        required
        aria-label={t`Ce qui est vu ou entendu`}
        placeholder={t`des faits seulement : ce qui est vu, entendu, dit`}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" tone="go">
        <Trans>Ajouter</Trans>
      </Button>
      <Button tone="plain" onClick={() => setOpen(false)}>
        <Trans>Renoncer</Trans>
      </Button>
    </form>
  );
}
