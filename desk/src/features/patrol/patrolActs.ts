/** Reads rounds and acts on them; refusals are told, never thrown. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { tell } from "../shell/ui";
import { indexNow, type Patrol, type PatrolRun, type TickResult } from "./patrol";

const KEY = ["patrols"] as const;

export const usePatrols = () =>
  useQuery({ queryKey: KEY, queryFn: () => api.get<Patrol[]>("/api/patrols"), refetchInterval: 30_000 });

export interface PatrolActs {
  start: (patrol: number) => Promise<PatrolRun | null>;
  tick: (run: PatrolRun, result: TickResult, note: string) => Promise<PatrolRun | null>;
  pause: (run: PatrolRun) => Promise<PatrolRun | null>;
  resume: (run: PatrolRun) => Promise<PatrolRun | null>;
  end: (run: PatrolRun, explanations: string) => Promise<PatrolRun | null>;
}

export function usePatrolActs(): PatrolActs {
  const client = useQueryClient();
  const send = async (path: string, body: object = {}): Promise<PatrolRun | null> => {
    try {
      const run = await api.post<PatrolRun>(path, body);
      client.setQueryData<Patrol[]>(KEY, (held) =>
        held?.map((patrol) => (patrol.id === run.patrol.id ? { ...patrol, running: run } : patrol)),
      );
      return run;
    } catch (failure) {
      tell(failureText(failure), "bad");
      void client.invalidateQueries({ queryKey: KEY });
      return null;
    }
  };
  const on = (run: PatrolRun, verb: string, body?: object) =>
    send(`/api/patrol-runs/${run.id}/${verb}`, body);
  return {
    start: (patrol) => send(`/api/patrols/${patrol}/start`),
    tick: (run, result, note) =>
      on(run, "tick", { index: indexNow(run), result, note: note.trim() === "" ? null : note.trim() }),
    pause: (run) => on(run, "pause"),
    resume: (run) => on(run, "resume"),
    end: (run, explanations) => on(run, "end", { explanations }),
  };
}
