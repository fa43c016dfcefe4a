import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { word } from "../../app/i18n";
import { phone } from "../../core/phone";
import { age, hourMinute, secondsSince } from "../../core/time";
import {
  runningCall,
  type AreaState,
  type Banner,
  type Dossier,
  type InstructionView,
} from "../../core/dossier";
import { onTheLine } from "../../core/front";
import { limitOf } from "../../core/queue";
import type { IncidentRow } from "../../core/views";
import { Age } from "../../ui/Age";
import { PriorityMark } from "../../ui/PriorityMark";
import { showInPane } from "../../ui/scroll";
import { AllMarks } from "../queue/Marks";
import type { DeskContext } from "../shell/context";
import { Holding } from "./Holding";
import { untilText } from "./lastDay";
import { appliesText, say } from "./say";
import classes from "./dossier.module.css";

/** Which site, where, in what state, what is asked of us there. */
export function Head({
  row,
  dossier,
  context,
}: {
  row: IncidentRow;
  dossier: Dossier | null;
  context: DeskContext;
}) {
  return (
    <header
      className={`${classes.head} ${row.duress ? classes.duress : ""}`}
      data-talking={dossier && onTheLine(dossier) !== null ? true : undefined}
    >
      <div className={`${classes.title} ${classes.apart}`}>
        <div className={classes.names}>
          <PriorityMark band={row.band} size={26} />
          <h1>{row.site.name}</h1>
          <span className="dim">
            <Trans>
              dossier {row.reference} · P{row.priority} {word("category", row.category)}
            </Trans>
          </span>
          <AllMarks marks={row.marks} />
        </div>
        {row.closed_at === null ? (
          <Age
            since={row.opened_at}
            limit={row.taken_at === null ? limitOf(row) : null}
            className={classes.age ?? ""}
          />
        ) : (
          <span className={classes.age}>
            {age(secondsSince(row.opened_at, Date.parse(row.closed_at)) ?? 0)}
          </span>
        )}
      </div>
      {dossier ? <Place dossier={dossier} /> : null}
      {row.duress ? <Duress dossier={dossier} mine={row.owner?.id === context.me.user.id} /> : null}
      {dossier?.banners
        .filter((banner) => banner.kind !== "duress")
        .map((banner) => (
          <BannerLine key={banner.kind + banner.text.code} banner={banner} />
        ))}
      {dossier?.instructions.map((instruction) => (
        <Instruction key={instruction.id} of={instruction} zone={row.site.timezone} />
      ))}
      <Holding row={row} dossier={dossier} context={context} />
    </header>
  );
}

function Place({ dossier }: { dossier: Dossier }) {
  const { site } = dossier;
  return (
    <div className={classes.meta}>
      <span>
        {[site.street, [site.postcode, site.town].filter(Boolean).join(" ")].filter(Boolean).join(", ") || (
          <Trans>Adresse inconnue</Trans>
        )}
      </span>
      {site.areas.map((area) => (
        <Area key={area.number} area={area} zone={site.timezone} />
      ))}
      {site.competent ? (
        <span>
          <Trans>
            FO compétente : <b>{site.competent.name}</b>
          </Trans>
        </span>
      ) : null}
      {site.phone ? (
        <span>
          <Trans>Site : {phone(site.phone)}</Trans>
        </span>
      ) : null}
      {site.call_back ? (
        <span>
          <Trans>
            Notre n° de rappel : <b>{phone(site.call_back)}</b>
          </Trans>
        </span>
      ) : null}
      {site.unjustified_30d > 0 ? (
        <span>
          <Trans>{site.unjustified_30d} alarmes injustifiées en 30 j</Trans>
        </span>
      ) : null}
      {site.services.length > 0 ? (
        <span>{site.services.map((service) => word("site_service", service)).join(", ")}</span>
      ) : null}
      {site.risks ? <span className={classes.risk}>{site.risks}</span> : null}
    </div>
  );
}

function Area({ area, zone }: { area: AreaState; zone: string }) {
  const { t } = useLingui();
  const name = area.name ?? t`Secteur ${area.number}`;
  if (area.armed === null) {
    return (
      <span>
        <Trans>{name} : état inconnu</Trans>
      </span>
    );
  }
  const since = area.armed_since ? hourMinute(area.armed_since, zone) : null;
  return (
    <span>
      {name} <b>{area.armed ? (area.partial ? t`en service partiel` : t`en service`) : t`hors service`}</b>
      {since ? ` ${t`depuis ${since}`}` : ""}
    </span>
  );
}

/**
 * Silent, at once: the customer's side must notice nothing (practice P1). The sentence that ends the call stands here,
 * where nothing scrolls it away.
 */
function Duress({ dossier, mine }: { dossier: Dossier | null; mine: boolean }) {
  const call = dossier ? runningCall(dossier) : null;
  const ending = mine && call?.phase === "duress"; // the call is its holder's: a colleague ends nothing
  const sentence = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (ending) {
      // The banner took room: the keys that end the call stay in sight below it.
      showInPane(document.querySelector("[data-front]"), "nearest");
      // In a low window the head rolls with the pane: the sentence first.
      showInPane(sentence.current, "nearest");
    }
  }, [ending]);
  return (
    <div ref={sentence} className={classes.alarm} role="status">
      <b>
        <Trans>CONTRAINTE — danger pour une personne.</Trans>
      </b>{" "}
      {call && ending ? (
        <>
          <Trans>Terminez l’appel comme d’habitude, par cette phrase :</Trans>
          {call.say.map((text) => (
            <p key={text.code} className={classes.closing}>
              {say(text)}
            </p>
          ))}
        </>
      ) : null}
      <Trans>N’envoyez rien, ne rappelez pas. L’avis aux forces de l’ordre est ouvert.</Trans>
    </div>
  );
}

function BannerLine({ banner }: { banner: Banner }) {
  const tone = { plain: classes.ban, warn: classes.warn, alarm: classes.alarm }[banner.tone];
  return (
    <div className={tone} role={banner.tone === "plain" ? undefined : "status"}>
      {say(banner.text)}
    </div>
  );
}

function Instruction({ of, zone }: { of: InstructionView; zone: string }) {
  return (
    <div className={of.applies ? classes.applies : `${classes.ban} ${classes.idle}`}>
      <b>{appliesText(of)}</b>
      {" · "}
      {of.text}
      {of.valid_until ? <span className="dim"> · {untilText(of.valid_until, zone)}</span> : null}
      {of.asked_by ? (
        <span className="dim">
          {" · "}
          <Trans>demandée par {of.asked_by}</Trans>
        </span>
      ) : null}
    </div>
  );
}
