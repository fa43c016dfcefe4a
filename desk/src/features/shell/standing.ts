/** What stands on every page until it is dealt with, by the command bar. */
import { t } from "@lingui/core/macro";
import { duressOf, nextDuress } from "../../core/queue";
import type { DeskAction } from "./context";
import { markFirstSeen, markSeen, overtaken, SEEN_KEY } from "./overtaken";

export function standingActions(): DeskAction[] {
  return [
    {
      id: "duress.open",
      label: () => t`Contrainte en cours : voir le dossier`,
      keywords: () => t`danger personne abonné menacé`,
      group: t`Dossiers`,
      visible: ({ rows }) => duressOf(rows).length > 0,
      perform: ({ rows, shown, open }) => {
        const next = nextDuress(duressOf(rows), shown);
        if (next !== null) {
          open(next.id);
        }
      },
    },
    {
      id: "overtaken.first",
      label: () => t`Dossier repris par un collègue : vu`,
      group: t`Dossiers`,
      keys: [SEEN_KEY],
      visible: () => overtaken.get().length > 0,
      perform: ({ me }) => markFirstSeen(me.user),
    },
    {
      id: "overtaken.seen",
      label: () => t`Dossiers repris par un collègue : tout est vu`,
      keywords: () => t`avis reprise lu`,
      group: t`Dossiers`,
      visible: () => overtaken.get().length > 0,
      perform: ({ me }) => markSeen(me.user, overtaken.get()),
    },
  ];
}
