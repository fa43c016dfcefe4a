import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { runningCall, type ContactView, type Dossier, type StepView } from "../../core/dossier";
import { Button } from "../../ui/Button";
import { say } from "./say";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** Who to call for this step, in order, with whether they answer at this hour; one call at a time. */
export function StartCall({ step, dossier, send }: { step: StepView; dossier: Dossier; send: Send }) {
  const busy = runningCall(dossier) !== null;
  if (step.act === "call_site") {
    return (
      <div className={classes.acts}>
        <Button
          tone="go"
          disabled={busy || dossier.site.phone === null}
          onClick={() => void send("calls", { target: "site", step_key: step.key })}
        >
          <Trans>Appeler le site</Trans> {dossier.site.phone ?? ""}
        </Button>
        {dossier.site.phone === null ? (
          <span className="dim">
            <Trans>La fiche ne porte pas de numéro du site.</Trans>
          </span>
        ) : null}
      </div>
    );
  }
  const people = step.contact ? [step.contact] : dossier.next_contacts;
  if (people.length === 0) {
    return (
      <p className="dim">
        <Trans>Aucun destinataire d’alerte n’est inscrit : passez à l’étape suivante ou demandez la consigne.</Trans>
      </p>
    );
  }
  return (
    <ul className={classes.people}>
      {people.slice(0, 4).map((contact, index) => (
        <Person key={contact.id} contact={contact} first={index === 0} busy={busy} step={step} send={send} />
      ))}
    </ul>
  );
}

interface PersonProps {
  contact: ContactView;
  first: boolean;
  busy: boolean;
  step: StepView | null;
  send: Send;
}

export function Person({ contact, first, busy, step, send }: PersonProps) {
  return (
    <li>
      <span>
        <b>{contact.name}</b>
        {contact.role ? <span className="dim"> · {contact.role}</span> : null}
        {contact.tried ? <span className="dim"> · {word("call_result", contact.tried)}</span> : null}
        {contact.authorised ? null : (
          <span className={classes.risk}>
            {" "}
            <Trans>non habilité</Trans>
          </span>
        )}
        <br />
        <span className="dim">
          {contact.available ? <Trans>joignable maintenant</Trans> : <Trans>hors de ses heures</Trans>}
          {contact.availability ? ` · ${say(contact.availability)}` : ""}
          {contact.note ? ` · ${contact.note}` : ""}
        </span>
      </span>
      <span className={classes.numbers}>
        {contact.phones.map((phone) => (
          <Button
            key={phone.number}
            tone={first && contact.available ? "go" : "normal"}
            disabled={busy}
            onClick={() =>
              void send("calls", {
                target: "contact",
                contact_id: contact.id,
                number: phone.number,
                step_key: step?.key ?? null,
              })
            }
          >
            <Trans>Appeler</Trans> {phone.number}
          </Button>
        ))}
      </span>
    </li>
  );
}
