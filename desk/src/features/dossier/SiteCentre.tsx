import { Trans } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { api } from "../../api/client";
import { failureText, word } from "../../app/i18n";
import { can } from "../../app/session";
import { CALLER } from "../../core/front";
import type { CallView } from "../../core/handling";
import { Button } from "../../ui/Button";
import type { DeskContext } from "../shell/context";
import { tell, ui } from "../shell/ui";
import { CallCard } from "./CallCard";
import { CallerCard } from "./CallerCard";
import { Fronts } from "./Fronts";
import { SettledSoon } from "./SettledSoon";
import { SiteFacts } from "./SiteFacts";
import { SitePane } from "./SitePane";
import type { SiteFile } from "./siteFile";
import type { Send } from "./useDossier";
import { useSiteFile } from "./useSiteFile";
import classes from "./dossier.module.css";

/** A site outside any dossier: its file, its open dossiers, and the customer who telephones (practice need 4). */
export function SiteCentre({ siteId, context }: { siteId: number; context: DeskContext }) {
  const { data: file } = useSiteFile(siteId);
  const site = file?.site;
  const open = context.rows.filter((row) => row.site.id === siteId);
  const mine = open.find((row) => row.owner?.id === context.me.user.id);
  const line = useSiteCall(siteId, context.open);
  return (
    <div className={classes.dossier} data-keyscope="card">
      <header className={classes.head}>
        <div className={classes.title}>
          <h1>{site?.name ?? "…"}</h1>
          <span className="dim">
            {[site?.reference, site ? word("site_kind", site.kind) : null, site?.customer]
              .filter(Boolean)
              .join(" · ")}
          </span>
          <span className={classes.spread} />
          {open.map((row) => (
            <Button key={row.id} onClick={() => context.open(row.id)}>
              <Trans>Dossier {row.reference}</Trans>
            </Button>
          ))}
          {open.length === 0 ? (
            <span className="dim">
              <Trans>Aucun dossier ouvert</Trans>
            </span>
          ) : null}
        </div>
        {file ? <SiteFacts file={file} /> : null}
        {file && can(context.me, "call.receive") ? (
          <Incoming file={file} incident={mine?.id ?? null} line={line} />
        ) : null}
      </header>
      <div className={classes.work}>
        <SitePane siteId={siteId} dossier={null} send={null} line={line} />
      </div>
    </div>
  );
}

/** Who calls, then the word, then what he asks: nothing sensitive before the word is right. */
function Incoming({ file, incident, line }: { file: SiteFile; incident: number | null; line: SiteLine }) {
  const { call, send, receive } = line;
  const running = call !== null && call.result === null;
  const asked = useSyncExternalStore(ui.subscribe, () => ui.get().testing);
  // The form that the call has asked for is alone in front; it closes, and the telephone is back.
  const forming =
    !running && asked !== null && call?.id === asked && call.identified && file.abilities.includes("on-test");
  const card = running ? `call:${call.id}` : CALLER;
  return (
    <Fronts
      stand={{ cards: forming ? [] : [card], first: forming ? null : card, line: running ? card : null }}
    >
      {running ? (
        <CallCard key={call.id} call={call} send={send} onSite />
      ) : (
        <>
          {call !== null && !call.settled && call.undone_at === null ? (
            <SettledSoon call={call} send={send} />
          ) : null}
          {forming ? null : (
            <CallerCard
              contacts={file.contacts}
              receive={(caller, contact) =>
                void receive({ caller, contact_id: contact, incident_id: incident })
              }
            />
          )}
        </>
      )}
    </Fronts>
  );
}

/** The telephone on a site's own page: the call that runs, and those already made in this window. */
export interface SiteLine {
  call: CallView | null;
  past: readonly CallView[];
  /** We call a registered number back: what a test or a change at night rests on (P10). */
  callBack: (body: Record<string, unknown>) => Promise<void>;
  send: Send;
  receive: (body: Record<string, unknown>) => Promise<void>;
}

function useSiteCall(siteId: number, open: (incident: number) => void): SiteLine {
  const client = useQueryClient();
  const [calls, setCalls] = useState<readonly CallView[]>([]);
  const call = calls.at(-1) ?? null;
  const settlesAt = call?.settles_at ?? null;
  useEffect(() => {
    if (settlesAt === null) {
      return undefined;
    }
    const settle = (held: CallView): CallView =>
      held.settles_at === settlesAt ? { ...held, settled: true } : held;
    const timer = setTimeout(() => setCalls((held) => held.map(settle)), 10_000);
    return () => clearTimeout(timer);
  }, [settlesAt]);
  return useMemo(() => {
    const post = async (path: string, body: Record<string, unknown>): Promise<boolean> => {
      try {
        const answer = await api.post<CallView>(path, body);
        if (answer.incident_id !== null && answer.understood === "offence" && !answer.settled) {
          open(answer.incident_id);
        }
        setCalls((held) => [...held.filter((each) => each.id !== answer.id), answer]);
        await client.invalidateQueries({ queryKey: ["site", siteId] });
        return true;
      } catch (failure) {
        tell(failureText(failure), "bad");
        return false;
      }
    };
    return {
      call,
      past: calls,
      callBack: async (body) => {
        await post(`/api/sites/${siteId}/call-back`, body);
      },
      send: (path, body = {}) => post(path, body),
      receive: async (body) => {
        await post(`/api/sites/${siteId}/incoming`, body);
      },
    };
  }, [call, calls, client, open, siteId]);
}
