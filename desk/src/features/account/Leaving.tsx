import { Trans } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { api, ApiError } from "../../api/client";
import { useMe, useRefreshMe } from "../../app/session";
import { Button } from "../../ui/Button";
import { Problem } from "../../ui/parts";
import { flush } from "../capture/waiting";
import classes from "./account.module.css";

/** Leaving a post: open dossiers are told first; confirmed, they go back to the queue and ring. */
export function Leaving() {
  const me = useMe();
  const refresh = useRefreshMe();
  const leave = useMutation({
    mutationFn: (confirmed: boolean) => api.post("/api/posts/leave", { confirmed }),
    onSuccess: refresh,
  });
  const logout = useMutation({
    // What was typed without the server leaves first: it is this person's, in this session.
    mutationFn: () => flush().then(() => api.post("/api/logout")),
    onSuccess: refresh,
  });
  const holds = leave.error instanceof ApiError && leave.error.code === "holds_dossiers";
  return (
    <>
      <p>
        {me.post ? (
          <Trans>Vous tenez {me.post.name}.</Trans>
        ) : (
          <Trans>Vous ne tenez pas de poste : les alarmes ne sonnent pas ici, sauf l’urgence.</Trans>
        )}
      </p>
      <Problem of={leave.error ?? logout.error} />
      <div className={classes.row}>
        {me.post && !holds ? (
          <Button onClick={() => leave.mutate(false)}>
            <Trans>Quitter le poste</Trans>
          </Button>
        ) : null}
        {holds ? (
          <Button tone="warn" onClick={() => leave.mutate(true)}>
            <Trans>Quitter et remettre mes dossiers en file</Trans>
          </Button>
        ) : null}
        <Button onClick={() => logout.mutate()}>
          <Trans>Se déconnecter</Trans>
        </Button>
      </div>
      {me.post ? (
        <p className="dim">
          <Trans>Se déconnecter ne libère pas le poste : il sonne jusqu’à ce qu’un collègue le prenne.</Trans>
        </p>
      ) : null}
    </>
  );
}
