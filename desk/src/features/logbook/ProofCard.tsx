import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { useMe } from "../../app/session";
import { dateTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { Problem } from "../../ui/parts";
import classes from "./logbook.module.css";

interface Proof {
  entry: number;
  position: number;
  leaf_hash: string;
  size: number;
  root: string;
  path: string[];
  signed_at: string;
  key: string;
}

/** That this entry is in the signed logbook: what the independent verifier needs, to keep or to hand over. */
export function ProofCard({ entry }: { entry: number }) {
  const { t } = useLingui();
  const zone = useMe().centre.timezone;
  const proof = useQuery({
    queryKey: ["proof", entry],
    queryFn: () => api.get<Proof>(`/api/logbook/${entry}/proof`),
  });
  if (!proof.data) {
    return (
      <div className={classes.card}>
        {proof.error ? <Problem of={proof.error} /> : <Trans>Calcul de la preuve…</Trans>}
      </div>
    );
  }
  const held = proof.data;
  const save = (): void => {
    const link = document.createElement("a");
    // One line, as the independent verifier and `veilleur logbook proof` have it.
    const file = JSON.stringify({ type: "proof", keys: [held.key], ...held });
    link.href = URL.createObjectURL(new Blob([`${file}\n`], { type: "application/json" }));
    link.download = `preuve-${held.entry}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className={classes.card}>
      <p>
        <Trans>
          Entrée n° {held.position} d’un journal de {held.size} entrées, signé le{" "}
          {dateTime(held.signed_at, zone)}.
        </Trans>
      </p>
      <dl className={classes.proof}>
        <dt>{t`Empreinte de l’entrée`}</dt>
        <dd>{held.leaf_hash}</dd>
        <dt>{t`Racine signée`}</dt>
        <dd>{held.root}</dd>
        <dt>{t`Chemin`}</dt>
        <dd>
          <Plural value={held.path.length} one="# empreinte" other="# empreintes" />
        </dd>
        <dt>{t`Clé de la station`}</dt>
        <dd>{held.key}</dd>
      </dl>
      <Button onClick={save}>
        <Trans>Enregistrer la preuve</Trans>
      </Button>
    </div>
  );
}
