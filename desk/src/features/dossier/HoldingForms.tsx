import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { word } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import type { IncidentRow } from "../../core/views";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/parts";
import parts from "../../ui/ui.module.css";
import { actOn } from "../shell/commands";
import type { Asking } from "./holding";
import classes from "./dossier.module.css";

const PARK_REASONS = [
  "call_back",
  "waiting_agent",
  "waiting_contact",
  "waiting_services",
  "waiting_restore",
  "waiting_technician",
] as const;
const TAKE_OVER_REASONS = ["lead_order", "absent", "relief", "urgent", "orphan", "agreed"] as const;
const HAND_UP_REASONS = ["decision", "violence", "unclear_order", "technical", "overloaded"] as const;
const RELEASE_REASONS = ["overloaded", "wrong_post", "leaving", "mistaken"] as const;
const PARK_MINUTES = [5, 10, 15, 30, 60] as const;

function ParkForm({ row, done }: { row: IncidentRow; done: () => void }) {
  const { t } = useLingui();
  const [minutes, setMinutes] = useState("10");
  const [reason, setReason] = useState("call_back");
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const until = new Date(now() + Number(minutes) * 60_000).toISOString();
    if (await actOn(row, "park", { until, reason })) {
      done();
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <Choice
        label={t`Rappel dans`}
        value={minutes}
        onChange={(event) => setMinutes(event.target.value)}
        autoFocus
      >
        {PARK_MINUTES.map((value) => (
          <option key={value} value={value}>
            {t`${value} min`}
          </option>
        ))}
      </Choice>
      <Reasons list="park_reason" codes={PARK_REASONS} value={reason} choose={setReason} />
      <Button type="submit" tone="go">
        <Trans>Mettre en attente</Trans>
      </Button>
    </form>
  );
}

/**
 * An act that says why. No reason stands there before one is chosen: validated at once, it would enter a cause that
 * nobody gave in a logbook that nobody can mend.
 */
function ReasonForm(props: {
  row: IncidentRow;
  verb: string;
  list: string;
  codes: readonly string[];
  done: () => void;
  children: ReactNode;
}) {
  const { row, verb, list, codes, done } = props;
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const submit = async (event: React.FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setMissing(reason === "");
    if (reason === "") {
      event.currentTarget.querySelector("select")?.focus();
    } else if (await actOn(row, verb, { reason })) {
      done();
    }
  };
  const choose = (code: string): void => {
    setReason(code);
    setMissing(false);
  };
  return (
    <form className={classes.form} noValidate onSubmit={(event) => void submit(event)}>
      <Reasons list={list} codes={codes} value={reason} choose={choose} asked missing={missing} />
      {missing ? (
        <p className={parts.problem} role="alert">
          <Trans>Choisissez d’abord un motif : il est écrit dans la main courante.</Trans>
        </p>
      ) : null}
      <Button type="submit" tone="go">
        {props.children}
      </Button>
    </form>
  );
}

function HandOverForm({ row, dossier, done }: { row: IncidentRow; dossier: Dossier; done: () => void }) {
  const { t } = useLingui();
  const [user, setUser] = useState(String(dossier.colleagues[0]?.id ?? ""));
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await actOn(row, "hand-over", { user_id: Number(user) })) {
      done();
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <Choice label={t`À qui`} value={user} onChange={(event) => setUser(event.target.value)} autoFocus>
        {dossier.colleagues.map((colleague) => (
          <option key={colleague.id} value={colleague.id}>
            {colleague.name}
            {colleague.post ? ` · ${colleague.post}` : ""}
          </option>
        ))}
      </Choice>
      <Button type="submit" tone="go">
        <Trans>Proposer</Trans>
      </Button>
    </form>
  );
}

function Reasons(props: {
  list: string;
  codes: readonly string[];
  value: string;
  choose: (code: string) => void;
  /** Given: nothing is chosen at first, and the hands are on it. */
  asked?: boolean;
  missing?: boolean;
}) {
  const { t } = useLingui();
  const asked = props.asked === true;
  return (
    <Choice
      label={t`Motif`}
      autoFocus={asked}
      required={asked}
      aria-invalid={props.missing === true}
      value={props.value}
      onChange={(event) => props.choose(event.target.value)}
    >
      {asked ? <option value="">{t`à choisir…`}</option> : null}
      {props.codes.map((code) => (
        <option key={code} value={code}>
          {word(props.list, code)}
        </option>
      ))}
    </Choice>
  );
}

/** The form that a verb of the dossier's head asks for. */
export function Asked(props: {
  asking: Asking | null;
  row: IncidentRow;
  dossier: Dossier | null;
  done: () => void;
}) {
  const { asking, row, dossier, done } = props;
  switch (asking) {
    case "park":
      return <ParkForm row={row} done={done} />;
    case "release":
      return (
        <ReasonForm row={row} verb="release" list="release_reason" codes={RELEASE_REASONS} done={done}>
          <Trans>Remettre dans la file</Trans>
        </ReasonForm>
      );
    case "hand-up":
      return (
        <ReasonForm row={row} verb="hand-up" list="hand_up_reason" codes={HAND_UP_REASONS} done={done}>
          <Trans>Passer au chef de salle</Trans>
        </ReasonForm>
      );
    case "take-over":
      return (
        <ReasonForm row={row} verb="take-over" list="take_over_reason" codes={TAKE_OVER_REASONS} done={done}>
          <Trans>Reprendre le dossier</Trans>
        </ReasonForm>
      );
    case "hand-over":
      return dossier ? <HandOverForm row={row} dossier={dossier} done={done} /> : null;
    default:
      return null;
  }
}
