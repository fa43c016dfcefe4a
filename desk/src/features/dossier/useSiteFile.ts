/** The file of a site, kept true while one looks at it: asked again as soon as the stream tells of the site. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api } from "../../api/client";
import { lastMove } from "../../core/siteMoves";
import { useWorld } from "../../live/hooks";
import type { SiteFile } from "./siteFile";

/** ms: many moves within it are one question. */
const GATHER = 200;
/** ms: what writes no entry (a path heard again, an hour that comes) shows by itself. */
const AFRESH = 20_000;

export function useSiteFile(siteId: number) {
  const client = useQueryClient();
  const moved = useWorld((world) => lastMove(world, siteId));
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const seen = useRef(moved);
  useEffect(() => {
    if (seen.current !== moved && waiting.current === null) {
      seen.current = moved;
      waiting.current = setTimeout(() => {
        waiting.current = null;
        void client.invalidateQueries({ queryKey: ["site", siteId] });
      }, GATHER);
    }
  }, [client, moved, siteId]);
  useEffect(
    () => () => {
      if (waiting.current !== null) {
        clearTimeout(waiting.current);
        waiting.current = null;
      }
    },
    [],
  );
  return useQuery({
    queryKey: ["site", siteId],
    queryFn: () => api.get<SiteFile>(`/api/sites/${siteId}`),
    refetchInterval: AFRESH,
  });
}
