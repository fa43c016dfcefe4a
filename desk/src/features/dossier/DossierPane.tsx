import { Trans } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore, type KeyboardEvent } from "react";
import { api, ApiError } from "../../api/client";
import type { Dossier } from "../../core/dossier";
import { closes } from "../../ui/escape";
import { Empty, Problem } from "../../ui/parts";
import { paneOf, stuck } from "../../ui/scroll";
import { fetchDrafts } from "../capture/drafts";
import type { DeskContext } from "../shell/context";
import { handsOnNext } from "../shell/hands";
import { paneFor, showPanesOf, ui } from "../shell/ui";
import { isWritten } from "../shell/useKeys";
import { Head } from "./Head";
import { ImagesPane } from "../images/ImagesPane";
import { MapPane } from "./EmptyPanes";
import { holdFocus } from "./keepFocus";
import { ProcedurePane } from "./ProcedurePane";
import { SignalsPane } from "./SignalsPane";
import { SiteCentre } from "./SiteCentre";
import { SitePane } from "./SitePane";
import { Tabs } from "./Tabs";
import { dossierKey, useDossier, type Send } from "./useDossier";
import classes from "./dossier.module.css";

/** The centre of the desk: the dossier in view, or what to do next. */
export function DossierPane({ context }: { context: DeskContext }) {
  const { siteId, id }: { siteId?: string; id?: string } = useParams({ strict: false });
  if (siteId !== undefined) {
    return <SiteCentre key={siteId} siteId={Number(siteId)} context={context} />;
  }
  if (context.inView === null) {
    return id === undefined ? (
      <Nothing context={context} />
    ) : (
      <PastDossier key={id} id={Number(id)} context={context} />
    );
  }
  return <OpenDossier key={context.inView.id} context={context} row={context.inView} />;
}

function Nothing({ context }: { context: DeskContext }) {
  const waiting = context.rows.filter((row) => row.state === "new").length;
  return (
    <Empty title={waiting > 0 ? <Trans>Des dossiers attendent</Trans> : <Trans>Rien à traiter</Trans>}>
      {waiting > 0 ? (
        <p>
          {context.me.post === null ? (
            <Trans>
              Dans la file, <kbd>Entrée</kbd> ouvre celui qui est choisi, en lecture seule.
            </Trans>
          ) : (
            <Trans>
              Dans la file, la touche <kbd>N</kbd> prend le plus ancien de la plus haute priorité ;{" "}
              <kbd>Entrée</kbd> ouvre celui qui est choisi.
            </Trans>
          )}
        </p>
      ) : (
        <p>
          <Trans>
            Les alarmes sonneront ici. Un abonné appelle ? <kbd>Ctrl+K</kbd> puis son nom, sa ville, son
            numéro ou son n° de transmetteur.
          </Trans>
        </p>
      )}
    </Empty>
  );
}

/** How often a dossier is asked for when the server does not answer. */
const TRIES = 3;

/** There is none of that number, or not for this person: the server says the same of both, and an address that is none. */
const isAbsent = (failure: unknown): boolean =>
  failure instanceof ApiError && (failure.status === 404 || failure.status === 422);

/** A dossier that is closed, or just gone from the queue: to read, with its reports. */
function PastDossier({ id, context }: { id: number; context: DeskContext }) {
  const query = useQuery({
    queryKey: dossierKey(id),
    queryFn: () => api.get<Dossier>(`/api/incidents/${id}`),
    enabled: Number.isInteger(id),
    retry: (count, failure) => !isAbsent(failure) && count < TRIES,
  });
  if (!Number.isInteger(id) || isAbsent(query.error)) {
    return (
      <Empty title={<Trans>Ce dossier n’existe pas, ou n’est pas dans votre périmètre</Trans>}>
        <Trans>
          <kbd>Ctrl+K</kbd> pour chercher un site, un dossier ou son numéro.
        </Trans>
      </Empty>
    );
  }
  if (query.error) {
    return <Problem of={query.error} />;
  }
  return query.data ? (
    <OpenDossier context={context} row={query.data.row} />
  ) : (
    <Empty title={<Trans>Lecture du dossier…</Trans>} />
  );
}

function OpenDossier({ context, row }: { context: DeskContext; row: NonNullable<DeskContext["inView"]> }) {
  const { dossier, failure, send } = useDossier(row);
  // What one has begun to write about it elsewhere comes with the dossier (U6).
  useEffect(() => void fetchDrafts(), [row.id]);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => (root.current ? holdFocus(root.current) : undefined), []);
  const pane = useSyncExternalStore(ui.subscribe, () => paneFor(row.id));
  useLayoutEffect(() => showPanesOf(row.id), [row.id]);
  const work = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => toTop(work.current), [pane]);
  return (
    <div
      ref={root}
      className={classes.dossier}
      data-keyscope="card"
      data-dossier={row.id}
      data-pane={pane}
      tabIndex={-1}
      onKeyDown={inForm}
    >
      <div className={classes.roll}>
        <Head row={row} dossier={dossier} context={context} />
        <div className={classes.stuck}>
          {row.duress ? (
            <p className={classes.warned}>
              <Trans>CONTRAINTE : n’envoyez rien, ne rappelez pas.</Trans>
            </p>
          ) : null}
          <Tabs pane={pane} dossier={dossier} />
        </div>
        <div ref={work} className={classes.work} role="tabpanel" aria-labelledby={`tab-${pane}`}>
          {failure ? <Problem of={failure} /> : null}
          {dossier ? (
            <Pane pane={pane} dossier={dossier} send={send} after={() => handsOnNext(context, row.id)} />
          ) : null}
        </div>
      </div>
      <div className={classes.foot} data-foot />
    </div>
  );
}

/** A pane begins at its top, wherever the one before it stood. In a low window the head rolls away with it. */
function toTop(work: HTMLElement | null): void {
  const pane = work?.firstElementChild ? paneOf(work.firstElementChild) : work;
  if (work !== null && pane !== null) {
    pane.scrollTop = pane === work ? 0 : Math.min(pane.scrollTop, work.offsetTop - stuck(pane));
  }
}

/** In a field: Escape goes back to the card, or closes an open form. */
function inForm(event: KeyboardEvent<HTMLElement>): void {
  const field = event.target;
  if (!(field instanceof HTMLElement) || !field.matches("input, select, textarea")) {
    return;
  }
  if (event.key === "Escape" && (isWritten(field) || !closes())) {
    event.preventDefault();
    field.blur();
    event.currentTarget.focus({ preventScroll: true });
  }
}

interface PaneProps {
  pane: number;
  dossier: Dossier;
  send: Send;
  after: () => void;
}

function Pane({ pane, dossier, send, after }: PaneProps) {
  switch (pane) {
    case 2:
      return <SignalsPane dossier={dossier} />;
    case 3:
      return <ImagesPane dossier={dossier} send={send} />;
    case 4:
      return <SitePane siteId={dossier.site.id} dossier={dossier} send={send} />;
    case 5:
      return <MapPane dossier={dossier} />;
    default:
      return <ProcedurePane dossier={dossier} send={send} after={after} />;
  }
}
