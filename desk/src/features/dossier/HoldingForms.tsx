import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import type { IncidentRow } from "../../core/views";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/parts";
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

function TakeOverForm({ row, done }: { row: IncidentRow; done: () => void }) {
  const [reason, setReason] = useState("lead_order");
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await actOn(row, "take-over", { reason })) {
      done();
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <Reasons
        list="take_over_reason"
        codes={TAKE_OVER_REASONS}
        value={reason}
        choose={setReason}
        autoFocus
      />
      <Button type="submit" tone="go">
        <Trans>Reprendre le dossier</Trans>
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

function ReleaseForm({ row, done }: { row: IncidentRow; done: () => void }) {
  const [reason, setReason] = useState("overloaded");
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await actOn(row, "release", { reason })) {
      done();
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <Reasons list="release_reason" codes={RELEASE_REASONS} value={reason} choose={setReason} autoFocus />
      <Button type="submit" tone="go">
        <Trans>Remettre dans la file</Trans>
      </Button>
    </form>
  );
}

function HandUpForm({ row, done }: { row: IncidentRow; done: () => void }) {
  const [reason, setReason] = useState("decision");
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await actOn(row, "hand-up", { reason })) {
      done();
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <Reasons list="hand_up_reason" codes={HAND_UP_REASONS} value={reason} choose={setReason} autoFocus />
      <Button type="submit" tone="go">
        <Trans>Passer au chef de salle</Trans>
      </Button>
    </form>
  );
}

function Reasons(props: {
  list: string;
  codes: readonly string[];
  value: string;
  choose: (code: string) => void;
  autoFocus?: boolean;
}) {
  const { t } = useLingui();
  return (
    <Choice
      label={t`Motif`}
      autoFocus={props.autoFocus === true}
      value={props.value}
      onChange={(event) => props.choose(event.target.value)}
    >
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
      return <ReleaseForm row={row} done={done} />;
    case "hand-up":
      return <HandUpForm row={row} done={done} />;
    case "take-over":
      return <TakeOverForm row={row} done={done} />;
    case "hand-over":
      return dossier ? <HandOverForm row={row} dossier={dossier} done={done} /> : null;
    default:
      return null;
  }
}
