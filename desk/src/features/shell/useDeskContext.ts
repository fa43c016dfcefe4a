import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useMe } from "../../app/session";
import { bannerOf } from "../../core/queue";
import { useIncidents } from "../../live/hooks";
import type { DeskContext } from "./context";
import { dockInOrder } from "./dockOrder";
import { handsOn } from "./hands";
import { setUi, ui } from "./ui";

/** The desk's context: who, what is open, what is in view. The dossier in view is in the address. */
export function useDeskContext(): DeskContext {
  const me = useMe();
  const rows = useIncidents();
  const params: { id?: string } = useParams({ strict: false });
  const navigate = useNavigate();
  const inViewId = params.id ? Number(params.id) : null;
  const cursor = useSyncExternalStore(ui.subscribe, () => ui.get().cursor);

  const open = useCallback(
    (id: number | null) => {
      if (id === null) {
        setUi({ narrow: "queue" });
        void navigate({ to: "/" });
      } else {
        setUi({ narrow: "dossier", cursor: id });
        void navigate({ to: "/dossier/$id", params: { id: String(id) } });
        handsOn(id);
      }
    },
    [navigate],
  );
  const openSite = useCallback(
    (id: number) => {
      setUi({ narrow: "dossier" });
      void navigate({ to: "/site/$siteId", params: { siteId: String(id) } });
    },
    [navigate],
  );
  const go = useCallback<DeskContext["go"]>((path) => void navigate({ to: path }), [navigate]);

  return useMemo(() => {
    const mine = dockInOrder(rows, me.user.id);
    return {
      me,
      rows,
      dock: mine,
      inView: rows.find((row) => row.id === inViewId) ?? null,
      shown: inViewId,
      selected: rows.find((row) => row.id === cursor) ?? null,
      urgent: bannerOf(rows, inViewId),
      open,
      openSite,
      go,
    };
  }, [me, rows, inViewId, cursor, open, openSite, go]);
}
