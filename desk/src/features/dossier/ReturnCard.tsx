import { t } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier, PointView } from "../../core/dossier";
import { RETURN } from "../../core/front";
import { dateTime, hourMinute } from "../../core/time";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field, Heading } from "../../ui/parts";
import { ChoiceButton, Choices, useCard, useChoices } from "./Fronts";
import type { Choice, Keyed } from "./frontKeys";
import { motifChoices, Motifs } from "./Motifs";
import { useDraft } from "./useDraft";
import { pointText } from "./words";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** What is back to normal, by what; what is not, and who sees to it until when (P5, S12). `inStep`: as the procedure's own step. */
export function ReturnCard({
  dossier,
  send,
  inStep = false,
}: {
  dossier: Dossier;
  send: Send;
  inStep?: boolean;
}) {
  const { t } = useLingui();
  const card = useCard(RETURN);
  const [deferring, setDeferring] = useState(false);
  const [asked, setAsked] = useState<number | null>(null);
  const open = dossier.points.filter((point) => point.open);
  const asking = open.find((point) => point.id === asked) ?? null;
  const keyed = useChoices(
    RETURN,
    deferring
      ? []
      : asking !== null
        ? motifChoices(...wordsOf(dossier, asking, send, () => setAsked(null)))
        : choicesOf(dossier, send, () => setDeferring(true), setAsked),
  );
  const named = (id: string): Keyed | undefined => keyed.find((choice) => choice.id === id);
  return (
    <section
      {...(inStep ? {} : card)}
      className={inStep ? "" : classes.card}
      aria-label={t`Retour à la normale`}
    >
      {inStep ? null : (
        <Heading aside={open.length === 0 ? t`fait` : t`${open.length} en attente`}>
          <Trans>Retour à la normale</Trans>
        </Heading>
      )}
      <ul className={classes.people}>
        {dossier.points.map((point) => (
          <li key={point.id}>
            <PointWords point={point} dossier={dossier} />
            <span className={classes.numbers}>
              <ChoiceButton of={named(`agent:${point.id}`)} />
              <ChoiceButton of={named(`contact:${point.id}`)} />
            </span>
          </li>
        ))}
        {dossier.deferrals.map((deferral) => (
          <li key={`d${deferral.id}`}>
            <span>
              <Trans>
                Suivi en attente : <b>{deferral.what}</b>, {deferral.who}, jusqu’au{" "}
                {dateTime(deferral.until, dossier.site.timezone)}
              </Trans>
            </span>
            {deferral.done_at ? (
              <span className="dim">
                <Trans>fait</Trans>
              </span>
            ) : (
              <ChoiceButton of={named(`done:${deferral.id}`)} />
            )}
          </li>
        ))}
      </ul>
      {asking !== null ? (
        <Motifs label={t`${pointText(asking.label)} : qui dit que c’est revenu à la normale ?`} of={keyed} />
      ) : deferring ? (
        <Defer dossier={dossier} send={send} close={() => setDeferring(false)} />
      ) : keyed.length > 0 ? (
        <Choices of={keyed.filter((choice) => choice.id === "defer")} label={t`Suivi`} />
      ) : null}
    </section>
  );
}

/** Who gave his word in this dossier, with what he said of the alarm: it is somebody's word that brings a point back. */
function wordsOf(
  dossier: Dossier,
  point: PointView,
  send: Send,
  close: () => void,
): Parameters<typeof motifChoices> {
  const people = new Map(
    identified(dossier).map((call) => [
      call.person ?? call.label,
      [call.person ?? call.label, call.understood ? word("understood", call.understood) : null]
        .filter(Boolean)
        .join(" – "),
    ]),
  );
  return [
    [...people].map(([key, label]) => ({ key, label })),
    (who) => {
      close();
      void send(`points/${point.id}/normal`, { by: "contact", note: who });
    },
    close,
  ];
}

/** The calls in which somebody was known by his word; of one person the last stands. */
const identified = (dossier: Dossier): Dossier["calls"] =>
  dossier.calls.filter((call) => call.identified && call.undone_at === null);

/**
 * The first open point first: its two keys are always the same two. `ask`: whose word it is comes first; with nobody
 * identified the server says what is missing.
 */
function choicesOf(dossier: Dossier, send: Send, defer: () => void, ask: (point: number) => void): Choice[] {
  const may = (verb: string): boolean => dossier.abilities.includes(verb);
  const points = may("normal") ? dossier.points.filter((point) => point.open) : [];
  const by = (point: PointView, means: string, label: string): Choice => ({
    id: `${means}:${point.id}`,
    label,
    tone: "plain",
    perform: () =>
      means === "contact" && identified(dossier).length > 0
        ? ask(point.id)
        : void send(`points/${point.id}/normal`, { by: means, note: null }),
  });
  const backs = points.map((point) => [
    by(point, "agent", t`Constat d’agent`),
    by(point, "contact", t`Parole d’un destinataire`),
  ]);
  const deferral: Choice = {
    id: "defer",
    label: t`Suivi en attente…`,
    tone: "plain",
    perform: defer,
  };
  const done = dossier.deferrals
    .filter((one) => one.done_at === null)
    .map((one): Choice => ({
      id: `done:${one.id}`,
      label: t`Fait`,
      tone: "plain",
      perform: () => void send(`deferrals/${one.id}/done`),
    }));
  const [first = [], ...rest] = backs;
  return may("deferrals") ? [...first, deferral, ...rest.flat(), ...done] : backs.flat();
}

/** Open, in somebody's charge, or back: a point that is deferred is not back, in a closed dossier either. */
function PointWords({ point, dossier }: { point: PointView; dossier: Dossier }) {
  const state = point.open ? "○" : point.normal_at === null ? "→" : "✓";
  return (
    <span>
      <span aria-hidden="true">{state}</span> {pointText(point.label)}{" "}
      <span className="dim">{pointState(point, dossier)}</span>
    </span>
  );
}

function pointState(point: PointView, dossier: Dossier): string {
  const zone = dossier.site.timezone;
  if (point.open) {
    return t`ouvert depuis ${hourMinute(point.first_at, zone)}`;
  }
  if (point.normal_at !== null) {
    return t`normal par ${word("normal_by", point.normal_by)}`;
  }
  const deferral = dossier.deferrals.find((each) => each.id === point.deferral_id);
  return deferral === undefined
    ? word("normal_by", "deferral")
    : t`suivi en attente jusqu’au ${dateTime(deferral.until, zone)} par ${deferral.who}`;
}

const DEFER_HOURS = 12;

function Defer({ dossier, send, close }: { dossier: Dossier; send: Send; close: () => void }) {
  const { t } = useLingui();
  const id = dossier.row.id;
  const [what, setWhat, forgetWhat] = useDraft(`incident:${id}:defer_what`);
  const [who, setWho, forgetWho] = useDraft(`incident:${id}:defer_who`);
  const [hours, setHours] = useState(String(DEFER_HOURS));
  useEscape(close);
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const until = new Date(now() + Number(hours) * 3_600_000).toISOString();
    if (await send("deferrals", { what, who, until })) {
      forgetWhat();
      forgetWho();
      close();
    }
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => void submit(event)}
      aria-label={dossier.row.reference}
    >
      <Field
        label={t`Ce qui reste à faire`}
        required
        autoFocus
        value={what}
        onChange={(event) => setWhat(event.target.value)}
      />
      <Field
        label={t`Qui s’en charge`}
        required
        value={who}
        onChange={(event) => setWho(event.target.value)}
      />
      <Field
        label={t`Dans combien d’heures`}
        required
        inputMode="numeric"
        pattern="\d{1,3}"
        value={hours}
        onChange={(event) => setHours(event.target.value)}
      />
      <Button type="submit" tone="go">
        <Trans>Inscrire</Trans>
      </Button>
      <Button tone="plain" onClick={close}>
        <Trans>Renoncer</Trans>
      </Button>
    </form>
  );
}
