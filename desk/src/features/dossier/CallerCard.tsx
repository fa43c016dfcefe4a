import { t } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { ContactView } from "../../core/dossier";
import { CALLER } from "../../core/front";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field, Heading } from "../../ui/parts";
import { openPalette } from "../shell/ui";
import { Choices, useCard, useChoices } from "./Fronts";
import type { Choice } from "./frontKeys";
import classes from "./dossier.module.css";

/** Who says that he calls: a person of the file, or somebody else by his words. */
export type Receive = (caller: string, contact: number | null) => void;

interface Props {
  contacts: readonly ContactView[];
  receive: Receive;
  /** Nobody is on the line after all. */
  close?: (() => void) | undefined;
}

/** «Qui appelle»: one key, and the word's field waits (practice need 4). Nothing sensitive is on the screen. */
export function CallerCard({ contacts, receive, close }: Props) {
  const { t } = useLingui();
  const [other, setOther] = useState(false);
  const [name, setName] = useState("");
  const leave = other ? (): void => setOther(false) : close;
  useEscape(leave ?? null);
  const keyed = useChoices(CALLER, other ? [] : callers(contacts, receive, () => setOther(true), close));
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    receive(name, null);
  };
  return (
    <section {...useCard(CALLER)} className={`${classes.call} ${classes.caller}`} aria-label={t`Qui appelle`}>
      <Heading>
        <Trans>Un abonné appelle : qui est-ce ?</Trans>
      </Heading>
      {other ? (
        <form className={classes.form} onSubmit={submit}>
          <Field
            label={t`Qui dit-il être`}
            required
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" tone="go" hotkey="Enter">
            <Trans>L’abonné est en ligne</Trans>
          </Button>
          <Button tone="plain" onClick={() => setOther(false)}>
            <Trans>Renoncer</Trans>
          </Button>
        </form>
      ) : (
        <Choices of={keyed} label={t`Qui appelle`}>
          <Button tone="plain" hotkey="F3" onClick={() => openPalette(true)}>
            <Trans>Chercher ailleurs…</Trans>
          </Button>
        </Choices>
      )}
    </section>
  );
}

function callers(
  contacts: readonly ContactView[],
  receive: Receive,
  other: () => void,
  close: (() => void) | undefined,
): Choice[] {
  return [
    ...contacts.map((each) => ({
      id: `contact:${each.id}`,
      label: [each.name, each.role].filter(Boolean).join(" · "),
      perform: () => receive(each.name, each.id),
    })),
    { id: "other", label: t`Une autre personne…`, perform: other },
    ...(close ? [{ id: "nobody", label: t`Personne en ligne`, tone: "plain" as const, perform: close }] : []),
  ];
}
