import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { Part } from "./CameraFilePage";
import { useSaving } from "./useSaving";
import classes from "./cameras.module.css";

/** Where the pictures come from; a new password is sealed, nobody reads it back. */
export function SourceForm({ file, may, took }: Part) {
  const { t } = useLingui();
  const { save, failure, busy } = useSaving(file, took);
  const [at, setAt] = useState({
    main: file.source.main,
    sub: file.source.sub ?? "",
    user: file.source.user ?? "",
  });
  const [password, setPassword] = useState("");
  const send = (event: FormEvent): void => {
    event.preventDefault();
    void save({ address: at.main.trim(), sub: at.sub.trim() || null, user: at.user.trim() || null });
  };
  const seal = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await api.post(`/api/cameras/${file.id}/password`, { password });
      setPassword("");
      tell(t`Mot de passe changé.`);
      took();
    } catch (problem) {
      tell(failureText(problem), "bad");
    }
  };
  const text = (name: keyof typeof at, label: string, required = false) => (
    <Field
      label={label}
      value={at[name]}
      required={required}
      readOnly={!may}
      autoComplete="off"
      onChange={(event) => setAt((held) => ({ ...held, [name]: event.target.value }))}
    />
  );
  return (
    <section className={classes.card} aria-labelledby="camera-source">
      <h2 id="camera-source">
        <Trans>Adresse</Trans>
      </h2>
      <form onSubmit={send}>
        <div className={`${classes.fields} ${classes.urls}`}>
          {text("main", t`Flux principal`, true)}
          {text("sub", t`Flux secondaire`)}
          {text("user", t`Utilisateur`)}
        </div>
        <Problem of={failure} />
        {may ? (
          <p className={classes.below}>
            <Button type="submit" disabled={busy}>
              <Trans>Changer l’adresse</Trans>
            </Button>
          </p>
        ) : null}
      </form>
      {may ? (
        <form className={classes.row} onSubmit={(event) => void seal(event)}>
          <Field
            label={file.source.has_password ? t`Nouveau mot de passe` : t`Mot de passe`}
            type="password"
            required
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <Button type="submit">
            <Trans>Sceller</Trans>
          </Button>
        </form>
      ) : (
        <p className="dim">
          {file.source.has_password ? <Trans>mot de passe scellé</Trans> : <Trans>sans mot de passe</Trans>}
        </p>
      )}
    </section>
  );
}
