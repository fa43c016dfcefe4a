import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { Problem } from "../../ui/parts";
import type { Device } from "./cameraFile";
import classes from "./cameras.module.css";

/** ONVIF devices that answer on the networks of the centre's machine. */
export function Discovery({ onPick }: { onPick: (url: string) => void }) {
  const [devices, setDevices] = useState<readonly Device[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const look = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      setDevices((await api.post<{ devices: Device[] }>("/api/cameras/discover")).devices);
    } catch (problem) {
      setFailure(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <Button disabled={busy} onClick={() => void look()}>
        {busy ? <Trans>Recherche sur le réseau…</Trans> : <Trans>Chercher sur le réseau</Trans>}
      </Button>
      <Problem of={failure} />
      {devices === null ? null : devices.length === 0 ? (
        <p className="dim">
          <Trans>Aucun appareil ONVIF n’a répondu. L’adresse se tape aussi à la main.</Trans>
        </p>
      ) : (
        <ul className={classes.devices}>
          {devices.map((device) => (
            <li key={device.url}>
              <button type="button" onClick={() => onPick(device.url)}>
                <b>{device.name || device.address}</b>{" "}
                <span className="dim">
                  {device.hardware} · {device.address}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
