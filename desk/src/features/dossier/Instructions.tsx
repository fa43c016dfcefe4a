import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { failureText, word } from "../../app/i18n";
import { Button } from "../../ui/Button";
import { Heading } from "../../ui/parts";
import { tell } from "../shell/ui";
import { untilText } from "./lastDay";
import { appliesText } from "./say";
import type { SiteFile, SiteInstruction } from "./siteFile";
import classes from "./dossier.module.css";

/** What is asked of us here, and whether it applies at this hour (need 5); a temporary one may be lifted. */
export function Instructions({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  return (
    <section aria-label={t`Consignes`}>
      <Heading>
        <Trans>Consignes</Trans>
      </Heading>
      {file.instructions.length === 0 ? (
        <p className="dim">
          <Trans>Aucune consigne particulière.</Trans>
        </p>
      ) : null}
      <ul className={classes.people}>
        {file.instructions.map((each) => (
          <Instruction key={each.id} of={each} file={file} />
        ))}
      </ul>
    </section>
  );
}

function Instruction({ of, file }: { of: SiteInstruction; file: SiteFile }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const lift = async (): Promise<void> => {
    try {
      await api.post(`/api/sites/${file.site.id}/instructions/${of.id}/end`, {});
      await client.invalidateQueries({ queryKey: ["site", file.site.id] });
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
  };
  return (
    <li>
      <span>
        <b>{appliesText(of)}</b> · {of.text}
        <br />
        <span className="dim">
          {word("instruction_kind", of.kind)}
          {of.valid_until ? ` · ${untilText(of.valid_until, file.site.timezone)}` : ""}
          {of.asked_by ? ` · ${t`demandée par ${of.asked_by}`}` : ""}
        </span>
      </span>
      {of.abilities.includes("end") ? (
        <Button tone="plain" onClick={() => void lift()}>
          <Trans>Lever la consigne</Trans>
        </Button>
      ) : null}
    </li>
  );
}
