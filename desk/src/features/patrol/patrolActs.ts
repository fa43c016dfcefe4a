/** Reads rounds and acts on them; refusals are told, never thrown. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError } from "../../api/client";
import { failureText } from "../../app/i18n";
import { tell } from "../shell/ui";
import { indexNow, type Patrol, type PatrolRun, type TickResult } from "./patrol";

const KEY = ["patrols"] as const;

export const usePatrols = () =>
  useQuery({ queryKey: KEY, queryFn: () => api.get<Patrol[]>("/api/patrols"), refetchInterval: 30_000 });

export interface PatrolActs {
  /** `unauthorised`: a camera has no valid authorisation; it is made all the same with a reason, which is entered. */
  start: (patrol: number, override?: string) => Promise<PatrolRun | "unauthorised" | null>;
  tick: (run: PatrolRun, result: TickResult, note: string) => Promise<PatrolRun | null>;
  pause: (run: PatrolRun) => Promise<PatrolRun | null>;
  /** The centre paused it by itself: an événement was opened. */
  again: () => void;
  resume: (run: PatrolRun) => Promise<PatrolRun | null>;
  end: (run: PatrolRun, explanation: string) => Promise<PatrolRun | null>;
}

export function usePatrolActs(): PatrolActs {
  const client = useQueryClient();
  const sent = async (path: string, body: object): Promise<PatrolRun> => {
    const run = await api.post<PatrolRun>(path, body);
    client.setQueryData<Patrol[]>(KEY, (held) =>
      held?.map((patrol) => (patrol.id === run.patrol.id ? { ...patrol, running: run } : patrol)),
    );
    return run;
  };
  const send = async (path: string, body: object = {}): Promise<PatrolRun | null> => {
    try {
      return await sent(path, body);
    } catch (failure) {
      tell(failureText(failure), "bad");
      void client.invalidateQueries({ queryKey: KEY });
      return null;
    }
  };
  const on = (run: PatrolRun, verb: string, body?: object) =>
    send(`/api/patrol-runs/${run.id}/${verb}`, body);
  return {
    start: async (patrol, override) => {
      try {
        return await sent(`/api/patrols/${patrol}/start`, override === undefined ? {} : { override });
      } catch (failure) {
        tell(failureText(failure), "bad");
        return failure instanceof ApiError && failure.code === "patrol_unauthorised" ? "unauthorised" : null;
      }
    },
    tick: (run, result, note) =>
      on(run, "tick", { index: indexNow(run), result, note: note.trim() === "" ? null : note.trim() }),
    pause: (run) => on(run, "pause"),
    again: () => void client.invalidateQueries({ queryKey: KEY }),
    resume: (run) => on(run, "resume"),
    end: (run, explanation) => on(run, "end", explanation === "" ? {} : { explanation }),
  };
}
