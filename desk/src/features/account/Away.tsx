import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { useMe } from "../../app/session";
import { dock as dockOf } from "../../core/queue";
import { now, rowsOf, useIncidents, useWorld } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Choice, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import classes from "./account.module.css";

const MINUTES = [5, 10, 20, 30] as const;

/**
 * «Je m’absente» (practice, need 8): each of my dossiers is offered to a colleague, who accepts or not, or stays mine
 * with a clock. Alone in the room there is nobody to offer them to, and the screen says so.
 */
export function Away() {
  const { t } = useLingui();
  const me = useMe();
  const mine = dockOf(useIncidents(), me.user.id).filter((row) => row.owner?.id === me.user.id);
  const live = useWorld((world) => world.livePosts);
  const colleagues = rowsOf(useWorld((world) => world.posts)).flatMap((post) =>
    post.holder && post.holder.id !== me.user.id && live.includes(post.id)
      ? [{ id: post.holder.id, name: post.holder.name, post: post.name }]
      : [],
  );
  const [to, setTo] = useState<number | null>(null);
  const [minutes, setMinutes] = useState<number>(10);
  const chosen = colleagues.find((each) => each.id === to) ?? null;
  const leave = useMutation({
    mutationFn: () =>
      api.post(
        "/api/me/step-away",
        chosen ? { user_id: chosen.id } : { until: new Date(now() + minutes * 60_000).toISOString() },
      ),
    onSuccess: () =>
      tell(
        chosen
          ? t`Vos dossiers sont proposés à ${chosen.name}`
          : t`Vos dossiers sont en attente ; ils sonneront à leur heure.`,
      ),
  });
  if (me.post === null || mine.length === 0) {
    return (
      <p className="dim">
        <Trans>Vous ne tenez aucun dossier : rien à confier.</Trans>
      </p>
    );
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        leave.mutate();
      }}
    >
      <p>
        <Plural value={mine.length} one="# dossier en main." other="# dossiers en main." />{" "}
        {colleagues.length === 0 ? (
          <b className="soon">
            <Trans>Vous êtes seul en salle.</Trans>
          </b>
        ) : null}
      </p>
      <Choice
        id="away"
        label={t`Mes dossiers`}
        value={to ?? ""}
        onChange={(event) => setTo(event.target.value === "" ? null : Number(event.target.value))}
      >
        <option value="">{t`restent à moi et me rappellent`}</option>
        {colleagues.map((each) => (
          <option key={each.id} value={each.id}>
            {t`sont proposés à ${each.name} (${each.post})`}
          </option>
        ))}
      </Choice>
      {chosen ? (
        <p className="dim">
          <Trans>Ils restent à vous jusqu’à ce que {chosen.name} les accepte un à un.</Trans>
        </p>
      ) : (
        <Choice label={t`Dans`} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
          {MINUTES.map((each) => (
            <option key={each} value={each}>
              {t`${each} minutes au plus`}
            </option>
          ))}
        </Choice>
      )}
      <Problem of={leave.error} />
      <div className={classes.row}>
        <Button tone="go" type="submit" disabled={leave.isPending}>
          <Trans>Je m’absente</Trans>
        </Button>
      </div>
    </form>
  );
}
