/** The people of the dossier in hand, as results of the command bar: Enter enters the call in the dossier. */
import { t } from "@lingui/core/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { phone } from "../../core/phone";
import type { SiteFile } from "../dossier/siteFile";
import { sender } from "../dossier/useDossier";
import type { DeskContext } from "../shell/context";
import { setUi } from "../shell/ui";
import { ownPeople } from "./callers";
import type { Found } from "./results";

export function useOwnPeople(context: DeskContext, asked: boolean, query: string): Found[] {
  const client = useQueryClient();
  const row = context.inView?.owner?.id === context.me.user.id ? context.inView : null;
  const site = row?.site.id ?? 0;
  const file = useQuery({
    queryKey: ["site", site, row?.version ?? 0],
    queryFn: () => api.get<SiteFile>(`/api/sites/${site}`),
    enabled: asked && row !== null,
  });
  if (!asked || row === null) {
    return [];
  }
  return ownPeople(file.data?.contacts ?? [], query).map((contact) => ({
    key: `contact:${contact.id}`,
    group: t`Ce dossier : ${row.site.name}`,
    title: contact.name,
    detail: [contact.role, ...contact.phones.map((each) => phone(each.number))].filter(Boolean).join(" · "),
    perform: () => {
      setUi({ pane: 1, narrow: "dossier", calling: null });
      const body = { caller: contact.name, contact_id: contact.id, incident_id: row.id };
      void sender(client, row.id)(`/api/sites/${site}/incoming`, body);
    },
  }));
}
