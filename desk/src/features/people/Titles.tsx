import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import { day } from "../../core/time";
import { Button } from "../../ui/Button";
import type { Account, Send, TitleView } from "./accounts";
import classes from "./people.module.css";
import { ReceiptForm, StatusForm, TitleForm } from "./TitleForms";

type Form = "correct" | "receipt" | "status";

/** A person's titles: what lets him hold a post, until when, and what was checked. */
export function Titles({ person, send, manage }: { person: Account; send: Send; manage: boolean }) {
  const { t } = useLingui();
  const [adding, setAdding] = useState(false);
  return (
    <div className={classes.part}>
      <h3>
        <Trans>Titres</Trans>
      </h3>
      {person.titles.length === 0 ? (
        <p className="dim">
          <Trans>Aucun titre : la personne ne peut pas prendre de poste.</Trans>
        </p>
      ) : null}
      <ul className={classes.titles}>
        {person.titles.map((title) => (
          <Title key={title.id} title={title} send={send} manage={manage} />
        ))}
      </ul>
      {manage && !adding ? (
        <div className={classes.row}>
          <Button onClick={() => setAdding(true)}>
            <Trans>Noter un titre</Trans>
          </Button>
        </div>
      ) : null}
      {adding ? (
        <TitleForm
          onCancel={() => setAdding(false)}
          onSend={async (body) => {
            const done = await send(`/accounts/${person.id}/titles`, body, t`Titre noté`);
            setAdding(!done);
          }}
        />
      ) : null}
    </div>
  );
}

function Title({ title, send, manage }: { title: TitleView; send: Send; manage: boolean }) {
  const { t } = useLingui();
  const [form, setForm] = useState<Form | null>(null);
  const good = title.state === "valid" || title.state === "renewing";
  const path = `/titles/${title.id}`;
  const act = async (verb: Form, body: object, said: string): Promise<void> => {
    const done = await send(`${path}/${verb}`, body, said);
    setForm(done ? null : verb);
  };
  const cancel = (): void => setForm(null);
  return (
    <li>
      <div>
        <b>{word("title_kind", title.kind)}</b> n° {title.number}
        <span className={good ? "dim" : "late"}>
          {" · "}
          {word("title_state", title.state)}
          {title.last_day ? <Trans> jusqu’au {day(title.last_day)}</Trans> : null}
        </span>
      </div>
      <div className="dim">
        {title.activities.map((activity) => word("activity", activity)).join(", ")}
        {title.checked_on ? <Trans> · vérifié le {day(title.checked_on)}</Trans> : null}
        {title.renewal_receipt_on ? <Trans> · récépissé du {day(title.renewal_receipt_on)}</Trans> : null}
      </div>
      {title.months_left !== null ? (
        <div className="soon">
          <Trans>Fin dans moins de {title.months_left} mois.</Trans>{" "}
          {title.renew_by ? (
            <Trans>Renouvellement à demander avant le {day(title.renew_by)} (R612-17).</Trans>
          ) : null}
        </div>
      ) : null}
      {title.correction_proof ? (
        <div className="dim">
          <Trans>Corrigé, preuve : {title.correction_proof}</Trans>
        </div>
      ) : null}
      {manage && form === null ? (
        <div className={classes.row}>
          <Button tone="plain" onClick={() => setForm("correct")}>
            <Trans>Corriger</Trans>
          </Button>
          {title.kind === "card" ? (
            <Button tone="plain" onClick={() => setForm("receipt")}>
              <Trans>Récépissé de renouvellement</Trans>
            </Button>
          ) : null}
          <Button tone="plain" onClick={() => setForm("status")}>
            {title.status === "valid" ? <Trans>Suspendre ou retirer</Trans> : <Trans>Changer l’état</Trans>}
          </Button>
        </div>
      ) : null}
      {form === "correct" ? (
        <TitleForm
          title={title}
          onCancel={cancel}
          onSend={(body) => act("correct", body, t`Titre corrigé ; la correction sera relue`)}
        />
      ) : null}
      {form === "receipt" ? (
        <ReceiptForm onCancel={cancel} onSend={(on) => act("receipt", { on }, t`Récépissé noté`)} />
      ) : null}
      {form === "status" ? (
        <StatusForm
          status={title.status}
          onCancel={cancel}
          onSend={(body) => act("status", body, t`État du titre changé`)}
        />
      ) : null}
    </li>
  );
}
