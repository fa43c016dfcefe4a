import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { catalogue, word } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import type { ClueView, DoorView } from "../../core/handling";
import { point } from "../../core/render";
import { clockTime } from "../../core/time";
import { doorOf } from "./services";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** Every clue by its hour: what it is, who said or saw it, in which words; then how far the police call is from justified. */
export function Clues({ dossier, send }: { dossier: Dossier; send: Send }) {
  return (
    <>
      <ul className={classes.clues}>
        {dossier.clues.map((clue) => (
          <Clue key={clue.id ?? clue.kind} clue={clue} zone={dossier.site.timezone} send={send} />
        ))}
        {dossier.clues.length === 0 ? (
          <li className="dim">
            <Trans>Aucun indice encore : téléphone, écoute, image, agent ou témoin.</Trans>
          </li>
        ) : null}
      </ul>
      {doorOf(dossier).door === "goods" ? <Progress door={dossier.doors.goods} /> : null}
    </>
  );
}

function Clue({ clue, zone, send }: { clue: ClueView; zone: string; send: Send }) {
  const { t } = useLingui();
  const words = catalogue();
  const points = clue.points.map((label) => point(words, label)).join(", ");
  const from = clue.who ?? (clue.origin === "signals" ? points : word("clue_origin", clue.origin));
  return (
    <li>
      <time className="dim">{clockTime(clue.at, zone)}</time>
      <span>
        <b>
          {word("clue", clue.kind)}
          {clue.finding ? ` : ${word("finding", clue.finding)}` : null}
        </b>
        <span className="dim">
          {[
            from,
            clue.camera === null ? null : t`caméra ${clue.camera}`,
            clue.strength === "support" ? t`appui` : null,
          ]
            .filter(Boolean)
            .map((each) => ` · ${each}`)}
        </span>
        {clue.text ? <q>{clue.text}</q> : null}
      </span>
      {clue.abilities.includes("remove") ? (
        <button
          type="button"
          className={classes.drop}
          aria-label={t`Retirer cet indice`}
          onClick={() => void send(`clues/${clue.id}/remove`)}
        >
          ×
        </button>
      ) : null}
    </li>
  );
}

/** «1 contre-appel sur 2»: what still separates the goods door from a proof; never a lock (P4). */
function Progress({ door }: { door: DoorView }) {
  const { reached, needed } = door.callbacks;
  if (door.state !== "to_justify") {
    return (
      <p className={classes.justified}>
        <Trans>
          Avis justifié :{" "}
          {door.proofs
            .filter((each) => each.have)
            .map((each) => word("clue", each.label))
            .join(", ")}
        </Trans>
      </p>
    );
  }
  return (
    <p className="dim">
      <Trans>
        Avis à justifier : {reached} contre-appel abouti sur {needed}
      </Trans>
      {" · "}
      <Plural
        value={door.supports.length}
        _0="aucun indice d’appui"
        one="# indice d’appui"
        other="# indices d’appui"
      />
    </p>
  );
}
