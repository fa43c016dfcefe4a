import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { word } from "../../app/i18n";
import { Button } from "../../ui/Button";
import { Problem } from "../../ui/parts";
import type { Part } from "./CameraFilePage";
import { useSaving } from "./useSaving";
import classes from "./cameras.module.css";

const ROLES = ["operator", "lead", "administrator", "auditor"] as const;

/** Who may look now, and who may look back. */
export function Access({ file, may, took }: Part) {
  const { save, failure, busy } = useSaving(file, took);
  const [live, setLive] = useState<readonly string[]>(file.live_roles);
  const [back, setBack] = useState<readonly string[]>(file.recorded_roles);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    void save({ live_roles: live, recorded_roles: back });
  };
  const box = (role: string, held: readonly string[], set: (roles: readonly string[]) => void) => (
    <input
      type="checkbox"
      aria-label={word("role", role)}
      disabled={!may}
      checked={held.includes(role)}
      onChange={(event) => set(event.target.checked ? [...held, role] : held.filter((each) => each !== role))}
    />
  );
  return (
    <form className={classes.card} onSubmit={send} aria-labelledby="camera-access">
      <h2 id="camera-access">
        <Trans>Qui peut regarder</Trans>
      </h2>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Rôle</Trans>
            </th>
            <th scope="col">
              <Trans>en direct</Trans>
            </th>
            <th scope="col">
              <Trans>en relecture</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {ROLES.map((role) => (
            <tr key={role}>
              <th scope="row">{word("role", role)}</th>
              <td>{box(role, live, setLive)}</td>
              <td>{box(role, back, setBack)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Problem of={failure} />
      {may ? (
        <p className={classes.below}>
          <Button type="submit" disabled={busy}>
            <Trans>Enregistrer les accès</Trans>
          </Button>
        </p>
      ) : null}
    </form>
  );
}
