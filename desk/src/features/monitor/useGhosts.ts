import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { can, useMe } from "../../app/session";
import { asked, type GhostView, type Wanted } from "./frames";

/** ms between looks. */
const EVERY = 2000;

interface Held {
  ghosts: readonly GhostView[];
  /** The one that is being given a site. */
  adopting: number | null;
  adopt: (ghost: number | null) => void;
  /** Takes the first of those asked for, as the server has them now: the form then stays on it. */
  adoptFirst: () => void;
}

/** The unknown transmitters asked for, and which one is being adopted. */
export function useGhosts(wanted: Wanted): Held {
  const me = useMe();
  const client = useQueryClient();
  const [adopting, adopt] = useState<number | null>(null);
  const look = {
    queryKey: ["ghosts", wanted],
    queryFn: () => api.get<GhostView[]>(`/api/ghosts?${asked(wanted).toString()}`),
  };
  const ghosts = useQuery({ ...look, refetchInterval: EVERY });
  const adoptFirst = (): void => {
    if (can(me, "ghost.adopt")) {
      // What failed is told by the list's own look.
      client.fetchQuery(look).then(
        (found) => adopt(found.find((each) => each.adoptable)?.id ?? null),
        () => undefined,
      );
    }
  };
  return { ghosts: ghosts.data ?? [], adopting, adopt, adoptFirst };
}
