import { Trans, useLingui } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import { runningCall, type ContactView, type Dossier } from "../../core/dossier";
import { phone } from "../../core/phone";
import { dateTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { Heading, Problem } from "../../ui/parts";
import { ConnectionCard } from "./ConnectionCard";
import { setUi } from "../shell/ui";
import { Instructions } from "./Instructions";
import { NightForms } from "./NightForms";
import { Brand } from "./Brand";
import { SitePast } from "./SitePast";
import { Areas, Panels, Zones } from "./SiteStates";
import { EndedTests, Tests } from "./Tests";
import { say } from "./say";
import type { SiteLine } from "./SiteCentre";
import type { SiteFile } from "./siteFile";
import type { Send } from "./useDossier";
import { useSiteFile } from "./useSiteFile";
import { unitText } from "./words";
import classes from "./dossier.module.css";
import site from "./site.module.css";

/** The site's file: who to tell and when, what is where, what is asked of us. Nothing secret is in it. */
interface Props {
  siteId: number;
  dossier: Dossier | null;
  send: Send | null;
  /** The telephone, on the site's own page. */
  line?: SiteLine;
}

export function SitePane(props: Props) {
  const { siteId, dossier } = props;
  const { data: file, error } = useSiteFile(siteId);
  const mayCall = can(useMe(), "call.start");
  if (!file) {
    return <Problem of={error} />;
  }
  const call = caller(props, mayCall);
  const calls = dossier?.calls ?? props.line?.past ?? [];
  return (
    <div className={site.frame}>
      <Problem of={error} />
      <div className={site.sheet}>
        <div className={site.column}>
          <Tests file={file} calls={calls} />
          <Instructions file={file} />
          <Contacts file={file} dossier={dossier} call={call} />
          <NightForms file={file} calls={calls} />
          <EndedTests file={file} />
        </div>
        <div className={site.column}>
          <Areas file={file} />
          <Zones file={file} />
          <Panels file={file} />
        </div>
        <div className={site.column}>
          <SitePast siteId={siteId} zone={file.site.timezone} />
          <Brand file={file} />
          <ConnectionCard file={file} />
          <Around file={file} />
        </div>
      </div>
    </div>
  );
}

type Call = (contact: ContactView, number: string) => void;

/** How a number of the file is called from here; null when it may not be. */
function caller({ dossier, send, line }: Props, mayCall: boolean): Call | null {
  if (send !== null && dossier?.abilities.includes("calls") === true) {
    return (contact, number) =>
      void send("calls", { target: "contact", contact_id: contact.id, number }).then(
        (begun) => begun && setUi({ pane: 1 }),
      );
  }
  return line && mayCall
    ? (contact, number) => void line.callBack({ target: "contact", contact_id: contact.id, number })
    : null;
}

function Contacts({ file, dossier, call }: { file: SiteFile; dossier: Dossier | null; call: Call | null }) {
  const { t } = useLingui();
  const busy = dossier !== null && runningCall(dossier) !== null;
  return (
    <section aria-label={t`Destinataires d’alerte`}>
      <Heading>
        <Trans>Destinataires d’alerte</Trans>
      </Heading>
      {file.contacts.length === 0 ? (
        <p className="dim">
          <Trans>
            Aucun destinataire inscrit : ajoutez-en un, il sera provisoire jusqu’au prochain jour ouvré à
            midi.
          </Trans>
        </p>
      ) : null}
      <ul className={`${classes.people} ${site.people}`}>
        {file.contacts.map((contact) => (
          <Contact key={contact.id} contact={contact} zone={file.site.timezone}>
            {contact.phones.map((each) =>
              call ? (
                <Button key={each.number} disabled={busy} onClick={() => call(contact, each.number)}>
                  <Trans>Appeler</Trans> {phone(each.number)}
                  {each.label ? ` · ${each.label}` : ""}
                </Button>
              ) : (
                <span key={each.number} className="dim">
                  {phone(each.number)}
                  {each.label ? ` · ${each.label}` : ""}
                </span>
              ),
            )}
          </Contact>
        ))}
      </ul>
    </section>
  );
}

function Contact(props: { contact: ContactView; zone: string; children: React.ReactNode }) {
  const { contact, zone } = props;
  return (
    <li>
      <span>
        {contact.rank}. <b>{contact.name}</b>
        {contact.role ? <span className="dim"> · {contact.role}</span> : null}
        {contact.authorised ? null : (
          <span className={classes.risk}>
            {" · "}
            <Trans>non habilité</Trans>
          </span>
        )}
        <br />
        <span className="dim">
          {contact.available ? (
            <Trans>joignable maintenant</Trans>
          ) : (
            <span className={classes.risk}>
              <Trans>hors de ses heures</Trans>
            </span>
          )}
          {contact.availability ? ` · ${say(contact.availability)}` : ""}
          {contact.provisional_until ? (
            <>
              {" · "}
              <Trans>provisoire jusqu’au {dateTime(contact.provisional_until, zone)}</Trans>
            </>
          ) : null}
          {contact.note ? ` · ${contact.note}` : ""}
        </span>
      </span>
      <span className={classes.numbers}>{props.children}</span>
    </li>
  );
}

function Around({ file }: { file: SiteFile }) {
  return (
    <>
      <Heading>
        <Trans>Secours et intervention</Trans>
      </Heading>
      {file.missing_services.length > 0 ? (
        <p className={classes.risk}>
          <Trans>
            Numéro absent de l’annuaire :{" "}
            {file.missing_services.map((each) => word("directory_service", each)).join(", ")}
          </Trans>
        </p>
      ) : null}
      <ul className={classes.people}>
        {file.directory.map((entry) => (
          <li key={entry.service}>
            <span>{unitText(entry.service, entry.name)}</span>
            <span className="dim">
              {entry.checked_on ? (
                <Trans>vérifié le {dateTime(entry.checked_on, file.site.timezone).slice(0, 10)}</Trans>
              ) : null}
            </span>
          </li>
        ))}
        {file.responders.map((responder) => (
          <li key={responder.id}>
            <span>
              {responder.rank}. <b>{responder.name}</b>
              {responder.firm ? <span className="dim"> · {responder.firm}</span> : null}
            </span>
            <span className="dim">
              {[responder.keys, responder.minutes === null ? null : `${responder.minutes} min`]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
