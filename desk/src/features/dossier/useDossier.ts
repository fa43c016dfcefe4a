/** The dossier in the centre: read once, read again when its row moves, changed by commands whose answer it is. */
import { keepPreviousData, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { api, ApiError } from "../../api/client";
import { failureText } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import type { IncidentRow, Params } from "../../core/views";
import { tell } from "../shell/ui";
import { useMinute } from "../../live/hooks";
import { keepFocus } from "./keepFocus";
import { say } from "./say";

export const dossierKey = (id: number): readonly unknown[] => ["dossier", id];

/** Sends one command of the dossier (a path of its own begins with «/»); true when it was done. */
export type Send = (path: string, body?: Record<string, unknown>) => Promise<boolean>;

export function useDossier(row: IncidentRow): { dossier: Dossier | null; failure: unknown; send: Send } {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: dossierKey(row.id),
    queryFn: () => api.get<Dossier>(`/api/incidents/${row.id}`),
    staleTime: Infinity,
    // A screen one comes back to may have slept through its hours.
    refetchOnWindowFocus: "always",
    placeholderData: keepPreviousData,
  });
  useHours(client, row);
  const held = query.data?.row.id === row.id ? query.data : null;
  const behind = held !== null && held.row.version < row.version;
  useEffect(() => {
    if (behind) {
      void client.invalidateQueries({ queryKey: dossierKey(row.id) });
    }
  }, [behind, client, row.id, row.version]);
  const send = useMemo(() => sender(client, row.id), [client, row.id]);
  return { dossier: held, failure: held === null ? query.error : null, send };
}

/**
 * What applies by the hour (consignes, availabilities) changes without an entry: read again as each minute turns, for
 * hours are written to the minute (need 5).
 */
function useHours(client: QueryClient, { id, closed_at: closed }: IncidentRow): void {
  const minute = useMinute();
  const read = useRef(minute);
  useEffect(() => {
    if (read.current !== minute && read.current !== 0 && closed === null) {
      void client.invalidateQueries({ queryKey: dossierKey(id) });
    }
    read.current = minute;
  }, [client, closed, id, minute]);
}

export function sender(client: QueryClient, id: number): Send {
  return async (path, body = {}) => {
    const putBack = keepFocus();
    try {
      await api.post(path.startsWith("/") ? path : `/api/incidents/${id}/${path}`, body);
      await client.invalidateQueries({ queryKey: dossierKey(id) });
      putBack();
      return true;
    } catch (failure) {
      tell(refusal(failure), "bad");
      void client.invalidateQueries({ queryKey: dossierKey(id) });
      return false;
    }
  };
}

/** A refusal in words; of a closing, with everything that still stands in its way. */
function refusal(failure: unknown): string {
  const blockers: unknown = failure instanceof ApiError ? failure.params.blockers : undefined;
  const said = Array.isArray(blockers)
    ? blockers.map(({ code, ...params }: Params & { code: string }) =>
        say({ code: `blocker.${code}`, params }),
      )
    : [];
  return [failureText(failure), ...said].join(" ");
}
