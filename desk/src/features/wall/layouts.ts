/** Saved walls: own and shared. */
import { t } from "@lingui/core/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { tell } from "../shell/ui";
import type { Layout } from "./layout";
import { setWall, showLayout, wall } from "./wallStore";

const KEY = ["layouts"] as const;

export const useLayouts = () =>
  useQuery({ queryKey: KEY, queryFn: () => api.get<Layout[]>("/api/layouts"), staleTime: 10_000 });

export interface LayoutActs {
  /** Saves what is shown: over the wall it came from, or as another. */
  save: (name: string, shared: boolean, another: boolean) => Promise<boolean>;
  remove: (layout: Layout) => Promise<boolean>;
  restore: (layout: Layout) => Promise<boolean>;
}

export function useLayoutActs(): LayoutActs {
  const client = useQueryClient();
  const done = async (act: () => Promise<void>): Promise<boolean> => {
    try {
      await act();
      await client.invalidateQueries({ queryKey: KEY });
      return true;
    } catch (failure) {
      tell(failureText(failure), "bad");
      return false;
    }
  };
  return {
    save: (name, shared, another) =>
      done(async () => {
        const { id, version, body } = wall.get();
        const sent = { ...body, name, shared };
        const saved =
          id === null || another
            ? await api.post<Layout>("/api/layouts", sent)
            : await api.put<Layout>(`/api/layouts/${id}`, { ...sent, version });
        showLayout(saved);
        tell(t`Mur enregistré : ${saved.name}`);
      }),
    remove: (layout) =>
      done(async () => {
        await api.remove(`/api/layouts/${layout.id}`);
        if (wall.get().id === layout.id) {
          setWall({ id: null, version: 0, changed: true });
        }
      }),
    restore: (layout) =>
      done(async () => {
        await api.post<Layout>(`/api/layouts/${layout.id}/restore`);
      }),
  };
}
