import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier, Outcome, Text } from "../../core/dossier";
import { CLOSING } from "../../core/front";
import { Button } from "../../ui/Button";
import { Field, Heading } from "../../ui/parts";
import { ChoiceButton, useCard, useChoices } from "./Fronts";
import type { Choice, Keyed } from "./frontKeys";
import { Reports } from "./Reports";
import { say } from "./say";
import { useDraft } from "./useDraft";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** Closing: what still stands in the way, then the cause: its kind, itself, Enter. */
export function ClosingCard({ dossier, send, after }: { dossier: Dossier; send: Send; after: () => void }) {
  const { t } = useLingui();
  const { blockers } = dossier.closing;
  const close: Send = async (path, body) => {
    const done = await send(path, body);
    if (done && path === "close") {
      after(); // «closing» only prepares: one stays
    }
    return done;
  };
  return (
    <section {...useCard(CLOSING)} className={classes.card} aria-label={t`Clôture`}>
      <Heading aside={<Reports id={dossier.row.id} reports={dossier.reports} />}>
        <Trans>Clôture</Trans>
      </Heading>
      {blockers.length > 0 ? (
        <ul className={classes.blockers}>
          {blockers.map((blocker) => (
            <li key={blocker.code + JSON.stringify(blocker.params)}>{say(blocker)}</li>
          ))}
        </ul>
      ) : null}
      {dossier.row.state === "closing" ? <Prepared dossier={dossier} send={send} /> : null}
      {dossier.abilities.includes("close") ? (
        <Close key={dossier.closing.outcome} dossier={dossier} send={close} />
      ) : null}
    </section>
  );
}

/** The cause is said and something still keeps the dossier open: it waits for that, or is taken up again. */
function Prepared({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { outcome, note } = dossier.closing;
  const text = word("outcome", outcome) + (note ? ` – ${note}` : "");
  return (
    <div className={classes.acts}>
      <span>
        <Trans>Clôture préparée : {text}</Trans>
      </span>
      {dossier.abilities.includes("keep-open") ? (
        <Button tone="plain" onClick={() => void send("keep-open", {})}>
          <Trans>Reprendre le dossier</Trans>
        </Button>
      ) : null}
    </div>
  );
}

const needsOf = (outcomes: readonly Outcome[], key: string): Outcome["needs"] =>
  outcomes.find((each) => each.key === key)?.needs ?? null;

/** Why the conclusion of this cause is to be written. */
const justifyOf = (outcomes: readonly Outcome[], key: string): Text | null =>
  outcomes.find((each) => each.key === key)?.justify ?? null;

function Close({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const { outcomes, blockers } = dossier.closing;
  const groups = [...new Set(outcomes.map((each) => each.group))];
  const prepared = outcomes.find((each) => each.key === dossier.closing.outcome);
  const [group, setGroup] = useState<string | null>(prepared?.group ?? null);
  const [outcome, setOutcome] = useState(prepared?.key ?? "");
  const [note, setNote, forget] = useDraft(`incident:${dossier.row.id}:outcome`);
  const field = useRef<HTMLInputElement>(null);
  const chosen = useRef(false);
  useEffect(() => {
    // Not for a cause that was prepared: who opens the dossier has not asked for this field.
    if (chosen.current) {
      field.current?.focus({ preventScroll: true });
    }
  }, [outcome]);
  // What this very cause asks for first counts as a blocker of it.
  const needs = needsOf(outcomes, outcome);
  const justify = justifyOf(outcomes, outcome);
  const blocked = blockers.length > 0 || needs !== null;
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await send(blocked ? "closing" : "close", { outcome, note: note || null })) {
      forget();
    }
  };
  const cause = (of: Outcome): Choice => ({
    id: `outcome:${of.key}`,
    label: word("outcome", of.label),
    disabled: of.locked !== null,
    on: outcome === of.key,
    perform: () => {
      chosen.current = true;
      setOutcome(of.key);
    },
  });
  // First the kind, then the cause within it: each list fits the keys.
  const keyed = useChoices(CLOSING, [
    ...groups
      .filter((each) => each !== group)
      .map((each) => ({
        id: `group:${each}`,
        label: word("outcome_group", each),
        tone: "plain" as const,
        disabled: group !== null,
        perform: () => setGroup(each),
      })),
    ...(group === null ? [] : outcomes.filter((each) => each.group === group).map(cause)),
    ...(group === null
      ? []
      : [{ id: "back", label: t`Autre nature`, tone: "plain" as const, perform: () => setGroup(null) }]),
  ]);
  const locked = outcomes.find((each) => each.group === group && each.locked !== null)?.locked ?? null;
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <Causes group={group} of={keyed} />
      {locked ? <p className={classes.locked}>{say(locked)}</p> : null}
      {outcome === "" ? null : (
        <>
          {[needs, justify].map((why) =>
            why ? (
              <p key={why.code} className={classes.locked}>
                {say(why)}
              </p>
            ) : null,
          )}
          <Field
            ref={field}
            required={Boolean(justify)}
            label={t`Conclusion`}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <Button type="submit" tone={blocked ? "normal" : "go"} hotkey="Enter">
            {blocked ? <Trans>Préparer la clôture</Trans> : <Trans>Clôturer</Trans>}
          </Button>
        </>
      )}
    </form>
  );
}

/** First the kinds, then the causes of one. */
function Causes({ group, of }: { group: string | null; of: readonly Keyed[] }) {
  const { t } = useLingui();
  return (
    <div className={classes.acts} role="group" aria-label={t`Cause`}>
      {group === null ? (
        <span className="dim">
          <Trans>Cause :</Trans>
        </span>
      ) : (
        <b>{word("outcome_group", group)}</b>
      )}
      {of
        .filter((choice) => group === null || !choice.id.startsWith("group:"))
        .map((choice) => (
          <ChoiceButton key={choice.id} of={choice} />
        ))}
    </div>
  );
}
