import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import type { SiteFile } from "./siteFile";

/** The enseigne whose contacts, consignes and procedures apply here, but for the named exceptions (need 6). */
export function Brand({ file }: { file: SiteFile }) {
  if (file.brand === null) {
    return null;
  }
  const left = file.brand_exceptions.map(({ kind, name }) => `${word("brand_kind", kind)} ${name}`);
  return (
    <p className="dim">
      <Trans>Enseigne {file.brand} : ses destinataires, consignes et procédures valent ici</Trans>
      {left.length > 0 ? (
        <>
          , <Trans>sauf {left.join(", ")}</Trans>
        </>
      ) : null}
    </p>
  );
}
