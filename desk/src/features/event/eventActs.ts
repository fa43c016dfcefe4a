/** Reads an événement and acts on it; refusals are told, never thrown. */
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { acceptRow } from "../shell/commands";
import { tell } from "../shell/ui";
import type { EventView, InformOutcome, Service } from "./event";

const keyOf = (incident: number) => ["event", incident] as const;

export function useEvent(incident: number | null) {
  return useQuery({
    queryKey: keyOf(incident ?? 0),
    queryFn: () => api.get<EventView>(`/api/events/${incident}`),
    enabled: incident !== null,
  });
}

export interface EventActs {
  /** One key: the camera worked on, the time of the key, its last two minutes and its neighbours'. */
  open: (camera: number, firstKey: number) => Promise<EventView | null>;
  follow: (incident: number, camera: number) => Promise<boolean>;
  name: (incident: number, nature: string) => Promise<boolean>;
  inform: (incident: number, service: Service, outcome: InformOutcome, firstKey: number) => Promise<boolean>;
  close: (incident: number, outcome: string, note: string) => Promise<boolean>;
}

/** How old a key is when its act leaves, ms: the entry bears the time of the key. */
const ageOf = (firstKey: number): number => Math.max(0, Math.round(performance.now() - firstKey));

export function useEventActs(): EventActs {
  return eventActs(useQueryClient());
}

function eventActs(client: QueryClient): EventActs {
  const take = (view: EventView): EventView => {
    acceptRow(view.incident);
    client.setQueryData(keyOf(view.incident.id), view);
    return view;
  };
  const send = async (path: string, body: object): Promise<EventView | null> => {
    try {
      return take(await api.post<EventView>(path, body));
    } catch (failure) {
      tell(failureText(failure), "bad");
      return null;
    }
  };
  const sent = async (incident: number, verb: string, body: object): Promise<boolean> =>
    (await send(`/api/events/${incident}/${verb}`, body)) !== null;
  return {
    open: (camera, firstKey) => send("/api/events", { camera, first_key_age_ms: ageOf(firstKey) }),
    follow: (incident, camera) => sent(incident, "camera", { camera }),
    name: (incident, nature) => sent(incident, "nature", { nature }),
    inform: (incident, service, outcome, firstKey) =>
      sent(incident, "inform", { service, outcome, age_ms: ageOf(firstKey) }),
    close: (incident, outcome, note) =>
      sent(incident, "close", { outcome, ...(note.trim() === "" ? {} : { note: note.trim() }) }),
  };
}
