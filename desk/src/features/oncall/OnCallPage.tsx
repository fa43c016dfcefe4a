import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { failureText, word } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import { phone } from "../../core/phone";
import { dateTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { Empty, Heading, Problem } from "../../ui/parts";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import { tell } from "../shell/ui";
import classes from "./oncall.module.css";

interface LastCall {
  /** unheld, untaken or trial. */
  reason: string;
  state: string;
  asked_at: string;
  told_at: string | null;
  answered_at: string | null;
  fault: string | null;
}

interface Way {
  channel: string;
  to: string;
  last: LastCall | null;
}

interface OnCallPerson {
  id: number;
  name: string;
  kind: string;
  rank: number;
  ways: Way[];
}

interface OnCallList {
  /** Seconds. */
  unheld_after: number;
  answer_within: number;
  rounds: number;
  people: OnCallPerson[];
}

const KEY = ["on-call"] as const;
/** ms: a trial leaves and is answered while one looks. */
const LOOK_AGAIN = 3000;

/** Who is called outside when nobody in the room can take an alarm (P7), and whether each way really works. */
export function OnCallPage() {
  const { t } = useLingui();
  return <Frame page={t`Astreinte`}>{() => <OnCall />}</Frame>;
}

function OnCall() {
  const me = useMe();
  const allowed = can(me, "on_call.read");
  const asked = useQuery({
    queryKey: KEY,
    queryFn: () => api.get<OnCallList>("/api/on-call"),
    enabled: allowed,
    refetchInterval: LOOK_AGAIN,
  });
  if (!allowed) {
    return (
      <main className={shell.page}>
        <Empty title={<Trans>Cette page est celle des chefs de salle et des administrateurs.</Trans>} />
      </main>
    );
  }
  const list = asked.data;
  return (
    <main className={`${shell.page} ${classes.page}`}>
      <Problem of={asked.error} />
      {list ? <Rules list={list} /> : null}
      {list?.people.length === 0 ? (
        <Empty title={<Trans>Personne n’est d’astreinte</Trans>}>
          <Trans>
            Si la salle se vide, personne ne sera appelé. La liste s’importe (on_call), avec pour chacun ses
            moyens : courriel, SMS, appel, relais.
          </Trans>
        </Empty>
      ) : null}
      {list?.people.map((person) => (
        <Card key={person.id} person={person} />
      ))}
    </main>
  );
}

function Rules({ list }: { list: OnCallList }) {
  const { unheld_after: unheld, answer_within: within, rounds } = list;
  return (
    <p className="dim">
      <Trans>
        Station non tenue pendant {unheld} s : la première personne est appelée par tous ses moyens à la fois,
        puis la suivante après {within} s sans réponse ; la liste est reprise {rounds} fois. Un centre de
        secours est appelé aussitôt.
      </Trans>
    </p>
  );
}

function Card({ person }: { person: OnCallPerson }) {
  const me = useMe();
  return (
    <section className={classes.card} aria-label={person.name}>
      <Heading aside={can(me, "on_call.try") ? <Trial person={person} /> : null}>
        {person.kind === "person" ? `${person.rank}. ` : ""}
        {person.name} · <span className="dim">{word("on_call_kind", person.kind)}</span>
      </Heading>
      {person.ways.length === 0 ? (
        <p className={classes.never}>
          <Trans>Aucun moyen de joindre cette personne : complétez l’import.</Trans>
        </p>
      ) : null}
      <ul>
        {person.ways.map((way) => (
          <li key={`${way.channel} ${way.to}`}>
            <b>{way.channel}</b>
            <span>{way.to.startsWith("+") ? phone(way.to) : way.to}</span>
            <Last call={way.last} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** It really rings at somebody's: asked twice. */
function Trial({ person }: { person: OnCallPerson }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <Button tone="plain" disabled={person.ways.length === 0} onClick={() => setSure(true)}>
        <Trans>Essayer…</Trans>
      </Button>
    );
  }
  const call = async (): Promise<void> => {
    setSure(false);
    try {
      await api.post(`/api/on-call/${person.id}/try`, {});
      tell(t`Essai parti vers ${person.name} : sa réponse s’affichera ici.`);
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
    await client.invalidateQueries({ queryKey: KEY });
  };
  return (
    <span className={classes.sure}>
      <Button tone="go" autoFocus onClick={() => void call()}>
        <Trans>Appeler vraiment {person.name}</Trans>
      </Button>
      <Button tone="plain" onClick={() => setSure(false)}>
        <Trans>Annuler</Trans>
      </Button>
    </span>
  );
}

function Last({ call }: { call: LastCall | null }) {
  const me = useMe();
  if (call === null) {
    return (
      <span className={classes.never}>
        <Trans>jamais essayé</Trans>
      </span>
    );
  }
  const at = dateTime(call.answered_at ?? call.told_at ?? call.asked_at, me.centre.timezone);
  const fault = call.fault === null ? "" : ` (${word("channel_fault", call.fault)})`;
  return (
    <span className={call.state === "failed" ? classes.bad : call.state === "answered" ? classes.good : ""}>
      {word("call_state", call.state)}
      {fault} · {at}
      {call.reason === "trial" ? (
        <span className="dim">
          {" "}
          · <Trans>essai</Trans>
        </span>
      ) : null}
    </span>
  );
}
