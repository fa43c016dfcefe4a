import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import type { CallView } from "../../core/handling";
import { phone } from "../../core/phone";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { setUi } from "../shell/ui";
import { endsOf } from "./ends";
import { Choices, useCard, useChoices } from "./Fronts";
import { Reveal } from "./Reveal";
import { handsAreFree } from "./keepFocus";
import { say } from "./say";
import { Script } from "./Script";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

interface Props {
  call: CallView;
  send: Send;
  /** On the site's own page: its file is already before one's eyes. */
  onSite?: boolean;
}

/**
 * A call in the order of practice P6: who we are, who are you, code word, only then the facts. The server sends the
 * sentences of the stage, never those of a later one. How it ends has no default; each answer is a function key.
 */
export function CallCard({ call, send, onSite = false }: Props) {
  const { t } = useLingui();
  const card = `call:${call.id}`;
  const [note, setNote] = useState("");
  // The form of the site's test comes, filled with who asked (P10).
  const toTest = (): void => setUi(onSite ? { testing: call.id } : { testing: call.id, pane: 4 });
  const keyed = useChoices(card, endsOf(call, send, note, toTest));
  const speaking = call.phase === "facts" || (call.direction === "in" && call.phase === "leaving");
  return (
    <div {...useCard(card)} className={classes.call}>
      <p className={classes.callee}>
        <b>{call.label}</b> {call.number ? <span className="dim">{phone(call.number)}</span> : null}
        <span className={classes.spread} />
        <Age since={call.started_at} />
      </p>
      <Script>
        {call.say.map((text) => (
          <p key={text.code + JSON.stringify(text.params)}>{say(text)}</p>
        ))}
        {call.phase === "word" ? (
          <p className="dim">
            {call.direction === "in" ? (
              <Trans>Rien de l’alarme n’est dit avant le mot juste.</Trans>
            ) : (
              <Trans>Les faits s’affichent quand le mot de passe est juste.</Trans>
            )}
          </p>
        ) : null}
      </Script>
      {call.identified ? <Identified call={call} /> : null}
      {call.abilities.includes("word") && call.phase !== "facts" ? <Word call={call} send={send} /> : null}
      {speaking ? <Said note={note} setNote={setNote} /> : null}
      <Choices of={keyed} label={t`Résultat de l’appel`} />
    </div>
  );
}

/** The word was right, and whose it is: the person on the line may be another than the one who was called. */
function Identified({ call }: { call: CallView }) {
  const who = call.person ?? call.label;
  return (
    <p className={classes.identified} role="status">
      <span aria-hidden="true">✓</span>{" "}
      <Trans>
        Mot juste : <b>{who}</b>
      </Trans>
    </p>
  );
}

/** What the person says, kept with the result: a clue of the verification when it tells an offence (P4). */
function Said({ note, setNote }: { note: string; setNote: (note: string) => void }) {
  const { t } = useLingui();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (handsAreFree()) {
      field.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <div className={classes.acts}>
      <input
        ref={field}
        className={classes.note}
        aria-label={t`Ce que dit la personne`}
        placeholder={t`ce que dit la personne, dans ses mots…`}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </div>
  );
}

function Word({ call, send }: { call: CallView; send: Send }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (handsAreFree()) {
      field.current?.focus({ preventScroll: true });
    }
  }, []);
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (typed.trim() === "") {
      return;
    }
    // Emptied at once: what is typed while the answer comes is the next word, not to be wiped with this one.
    setTyped("");
    if (!(await send(`/api/calls/${call.id}/word`, { typed }))) {
      setTyped((since) => (since === "" ? typed : since));
    }
  };
  return (
    <form className={classes.acts} onSubmit={(event) => void submit(event)}>
      <input
        ref={field}
        className={classes.heard}
        aria-label={t`Mot entendu`}
        placeholder={t`mot entendu…`}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button type="submit" hotkey="Enter">
        <Trans>Vérifier</Trans>
      </Button>
      {call.near ? (
        <span className={classes.risk} role="status">
          <Trans>Presque : faites répéter.</Trans>
        </span>
      ) : null}
      {call.word === "wrong" ? (
        <span className={classes.risk} role="status">
          {call.tries_left > 0 ? (
            <Trans>Mot faux : «Merci, au revoir». Rien n’est annulé.</Trans>
          ) : (
            <Trans>
              Mot faux, il n’est plus à essayer : «Merci, au revoir», puis appelez un numéro de la fiche.
            </Trans>
          )}
        </span>
      ) : null}
      {call.abilities.includes("reveal") ? <Reveal call={call} send={send} /> : null}
    </form>
  );
}
