import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { Part } from "./CameraFilePage";
import classes from "./cameras.module.css";

/** The address that the customer's camera pushes its pictures to: told once, copied, replaced. */
export function Push({ file, may }: Part) {
  const { t } = useLingui();
  const field = useRef<HTMLInputElement>(null);
  const [path, setPath] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  useEscape(asking ? () => setAsking(false) : null);
  if (file.source.kind !== "push" || !may) {
    return null;
  }
  const make = async (): Promise<void> => {
    setFailure(null);
    try {
      setPath((await api.post<{ path: string }>(`/api/cameras/${file.id}/push-token`)).path);
      setAsking(false);
    } catch (problem) {
      setFailure(problem);
    }
  };
  const copy = async (): Promise<void> => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(path ?? "");
      tell(t`Adresse copiée.`);
    } catch {
      // No clipboard for a page without TLS: it is selected, Ctrl+C copies it.
      tell(t`Adresse sélectionnée : Ctrl+C la copie.`);
    }
  };
  return (
    <section className={classes.card} aria-labelledby="camera-push">
      <h2 id="camera-push">
        <Trans>Dépôt d’images par la caméra</Trans>
      </h2>
      <p className="dim">
        <Trans>
          La caméra dépose ses images elle-même (HTTP), à l’adresse de l’enregistreur suivie de ce chemin
          secret.
        </Trans>
      </p>
      {path === null ? null : (
        <>
          <div className={classes.row}>
            <Field
              ref={field}
              label={t`Chemin secret, montré une seule fois`}
              value={path}
              readOnly
              autoFocus
              spellCheck={false}
              onFocus={(event) => event.target.select()}
            />
            <Button tone="go" onClick={() => void copy()}>
              <Trans>Copier</Trans>
            </Button>
          </div>
          <p className="soon" role="status">
            <Trans>
              Réglez-le dans la caméra maintenant : il ne sera plus montré, et l’ancien n’ouvre plus rien.
            </Trans>
          </p>
        </>
      )}
      {asking ? (
        <p className={classes.sure} role="group" aria-label={t`Faire un nouveau chemin ?`}>
          <span>
            <Trans>
              Le chemin en service, s’il y en a un, cesse aussitôt : la caméra ne dépose plus rien jusqu’à ce
              qu’elle ait le nouveau.
            </Trans>
          </span>
          <Button tone="warn" autoFocus onClick={() => void make()}>
            <Trans>Remplacer le chemin</Trans>
          </Button>
          <Button tone="plain" hotkey="Escape" onClick={() => setAsking(false)}>
            <Trans>Annuler</Trans>
          </Button>
        </p>
      ) : (
        <p>
          <Button onClick={() => setAsking(true)}>
            <Trans>Faire un chemin secret…</Trans>
          </Button>
        </p>
      )}
      <Problem of={failure} />
    </section>
  );
}
