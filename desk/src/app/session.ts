/** Who is here: the answer of /api/me, shared by every part. */
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api, ApiError, setCsrf } from "../api/client";
import type { Me } from "../core/views";
import { speak, zone } from "./i18n";

export const ME = ["me"] as const;

/** Takes in a fresh /api/me. */
export function acceptMe(me: Me): Me {
  setCsrf(me.csrf);
  speak(me.user.language);
  zone.set(() => me.centre.timezone);
  return me;
}

/** Null: nobody is logged in. Undefined: not known yet. */
export function useMeQuery() {
  return useQuery<Me | null>({
    queryKey: ME,
    queryFn: async () => {
      try {
        return acceptMe(await api.get<Me>("/api/me"));
      } catch (failure) {
        if (failure instanceof ApiError && failure.status === 401) {
          return null;
        }
        throw failure;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, failure) => !(failure instanceof ApiError && failure.status === 401) && count < 1000,
    retryDelay: 1500,
  });
}

export function useRefreshMe(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ME });
}

/**
 * A session no longer holds: the server is asked once who is here, since a colleague may have taken the post meanwhile.
 * A page that knows that nobody is here asks nothing.
 */
export async function askWhoIsHere(client: QueryClient): Promise<void> {
  if (client.getQueryData<Me | null>(ME)) {
    await client.invalidateQueries({ queryKey: ME }, { cancelRefetch: false });
  }
}

export const MeContext = createContext<Me | null>(null);

/** The person logged in; only below the login. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) {
    throw new Error("useMe outside a session");
  }
  return me;
}

/** Whether the server lets this person do this. */
export const can = (of: { abilities: string[] } | null | undefined, ability: string): boolean =>
  of?.abilities.includes(ability) ?? false;
