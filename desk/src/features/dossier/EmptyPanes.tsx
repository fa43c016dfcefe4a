import { Trans } from "@lingui/react/macro";
import type { Dossier } from "../../core/dossier";
import { Empty } from "../../ui/parts";

/** The address and position in words: no map yet. */
export function MapPane({ dossier }: { dossier: Dossier }) {
  const { site } = dossier;
  return (
    <Empty title={<Trans>Pas encore de carte</Trans>}>
      <p>
        {[site.street, site.postcode, site.town].filter(Boolean).join(", ")}
        {site.access ? ` — ${site.access}` : ""}
      </p>
      <p className="dim">
        <Trans>
          La carte des sites viendra avec les fonds de plan ; l’accès et l’adresse sont ceux de la fiche.
        </Trans>
      </p>
    </Empty>
  );
}
