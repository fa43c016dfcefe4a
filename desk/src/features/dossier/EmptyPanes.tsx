import { Trans } from "@lingui/react/macro";
import type { Dossier } from "../../core/dossier";
import { Empty } from "../../ui/parts";

/** Honest about being empty: cameras come with the video part. */
export function ImagesPane() {
  return (
    <Empty title={<Trans>Aucune image</Trans>}>
      <p>
        <Trans>
          Aucune caméra n’est raccordée à cette version. La levée de doute se fait par le téléphone, l’écoute,
          l’agent ou un témoin ; ce qui est vu par un autre moyen se note comme indice (Ctrl+I).
        </Trans>
      </p>
    </Empty>
  );
}

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
