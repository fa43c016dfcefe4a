import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { components } from "../../api/schema";
import { failureText } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import { Button } from "../../ui/Button";
import { LiveTile } from "../../video/tile";
import { LiveViewings, routes } from "../../video/tickets";
import { tell } from "../shell/ui";
import type { Linked } from "./ImagesPane";
import classes from "./images.module.css";

type Consents = components["schemas"]["Consents"];

/** ms: the person identifies herself, or hangs up: seen within this delay. */
const AFRESH = 2000;
/** What one key gives; the server bounds it. */
const MINUTES = [5, 10, 30] as const;

interface Props {
  incident: number;
  mine: boolean;
  linked: readonly Linked[];
  zone: string;
}

/** A home: no image without an armed alarm, or the consent of an identified person on the telephone. */
export function Consent({ incident, mine, linked, zone }: Props) {
  const homes = linked.filter(({ camera }) => camera?.regime === "home");
  return homes.length === 0 ? null : <Asking incident={incident} mine={mine} linked={homes} zone={zone} />;
}

function Asking({ incident, mine, linked, zone }: Props) {
  const { t } = useLingui();
  const client = useQueryClient();
  const path = `/api/incidents/${incident}/consents`;
  const query = useQuery({
    queryKey: ["consents", incident],
    queryFn: () => api.get<Consents>(path),
    refetchInterval: AFRESH,
  });
  const send = async (to: string, body: object): Promise<void> => {
    try {
      await api.post(to, body);
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
    await client.invalidateQueries({ queryKey: ["consents", incident] });
  };
  const consent = query.data?.consent ?? null;
  const may = query.data?.may ?? null;
  if (consent !== null) {
    const { id, person } = consent;
    return (
      <>
        <p className={classes.lost} role="status">
          <span>{t`${person} consent à ce que le domicile soit regardé, jusqu’à ${hourMinute(consent.until, zone)}`}</span>
          {mine ? (
            <Button onClick={() => void send(`${path}/${id}/withdraw`, {})}>
              <Trans>Consentement retiré</Trans>
            </Button>
          ) : null}
        </p>
        <Live key={id} incident={incident} linked={linked} />
      </>
    );
  }
  return (
    <p className={classes.lost} role="status">
      <span>
        {may === null ? (
          <Trans>
            Domicile : sans alarme armée, il faut le consentement d’une personne identifiée au téléphone.
          </Trans>
        ) : (
          t`${may} est au téléphone. Consent à ce que le domicile soit regardé pendant :`
        )}
      </span>
      {may !== null && mine
        ? MINUTES.map((minutes) => (
            <Button key={minutes} onClick={() => void send(path, { minutes })}>
              {t`${minutes} min`}
            </Button>
          ))
        : null}
    </p>
  );
}

/** The home's cameras now, in a viewing of this dossier. */
function Live({ incident, linked }: { incident: number; linked: readonly Linked[] }) {
  const [viewings] = useState(
    () =>
      new LiveViewings({
        ...routes,
        open: (body) => api.post("/api/viewings", { ...body, incident_id: incident }),
      }),
  );
  useEffect(() => () => viewings.endAll(), [viewings]);
  return (
    <div className={classes.home}>
      {linked.map(({ camera }) =>
        camera === null ? null : (
          <div key={camera.id} className={classes.other}>
            <LiveTile camera={camera} viewings={viewings} view="sub">
              <span className={classes.named}>{camera.name}</span>
            </LiveTile>
          </div>
        ),
      )}
    </div>
  );
}
