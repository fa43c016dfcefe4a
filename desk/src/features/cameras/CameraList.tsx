import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { CameraView } from "../../core/cameras";
import { day } from "../../core/time";
import { now, useCameras } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Choice, Empty, Field } from "../../ui/parts";
import { useMe } from "../../app/session";
import shell from "../shell/shell.module.css";
import { AddCamera } from "./AddCamera";
import { Authorisations } from "./Authorisations";
import { Availability } from "./Availability";
import { ALL, daysLeft, isResting, isWrong, listed, type ListFilter } from "./filter";
import { faultWord, formatOf, regimeWord, stateWord, suspendedWord } from "./words";
import classes from "./cameras.module.css";

/** Days before its end from which an authorisation is shown as ending. */
const ENDING = 90;

/** The cameras of this reader: what is wrong first. */
export function CameraList() {
  const { t } = useLingui();
  const me = useMe();
  const cameras = useCameras();
  const [filter, setFilter] = useState<ListFilter>(ALL);
  const [adding, setAdding] = useState(false);
  const mayEdit =
    me.abilities.includes("camera.edit") || cameras.some(({ abilities }) => abilities.includes("edit"));
  const shown = listed(cameras, filter);
  const set = (change: Partial<ListFilter>): void => setFilter((held) => ({ ...held, ...change }));
  return (
    <main className={shell.page}>
      <form className={classes.filters} role="search" onSubmit={(event) => event.preventDefault()}>
        <Field
          label={t`Caméra, lieu, site ou ville`}
          value={filter.words}
          autoFocus
          onChange={(event) => set({ words: event.target.value })}
        />
        <Choice label={t`État`} value={filter.state} onChange={(event) => set({ state: event.target.value })}>
          <option value="">{t`tous`}</option>
          <option value="wrong">{t`à traiter`}</option>
          {(["online", "offline", "frozen", "suspended", "starting", "remote"] as const).map((state) => (
            <option key={state} value={state}>
              {stateWord(state)}
            </option>
          ))}
        </Choice>
        <Choice
          label={t`Régime`}
          value={filter.regime}
          onChange={(event) => set({ regime: event.target.value })}
        >
          <option value="">{t`tous`}</option>
          {["public_road", "public_place", "private", "home"].map((regime) => (
            <option key={regime} value={regime}>
              {regimeWord(regime)}
            </option>
          ))}
        </Choice>
        <span className="dim" role="status">
          <Plural value={shown.length} one="# caméra" other="# caméras" /> ·{" "}
          <Trans>{shown.filter(isWrong).length} à traiter</Trans>
        </span>
        {mayEdit ? (
          <Button tone="go" onClick={() => setAdding(!adding)} aria-expanded={adding}>
            <Trans>Ajouter une caméra…</Trans>
          </Button>
        ) : null}
      </form>
      {adding ? <AddCamera onDone={() => setAdding(false)} /> : null}
      {shown.length === 0 ? <Nothing any={cameras.length > 0} /> : <Table cameras={shown} />}
      <Availability />
      <Authorisations />
    </main>
  );
}

function Nothing({ any }: { any: boolean }) {
  return any ? (
    <Empty title={<Trans>Aucune caméra ne correspond</Trans>}>
      <Trans>
        Retirez un filtre, ou cherchez un mot plus court : le début d’un mot suffit, sans accents.
      </Trans>
    </Empty>
  ) : (
    <Empty title={<Trans>Aucune caméra</Trans>}>
      <Trans>
        Ajoutez-en une par son adresse, ou cherchez celles du réseau. Les caméras d’un site que vous ne pouvez
        pas voir n’apparaissent pas ici.
      </Trans>
    </Empty>
  );
}

function Table({ cameras }: { cameras: readonly CameraView[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">
            <Trans>État</Trans>
          </th>
          <th scope="col">
            <Trans>Caméra</Trans>
          </th>
          <th scope="col">
            <Trans>Site</Trans>
          </th>
          <th scope="col">
            <Trans>Régime</Trans>
          </th>
          <th scope="col">
            <Trans>Image</Trans>
          </th>
          <th scope="col">
            <Trans>Conservation · autorisation</Trans>
          </th>
        </tr>
      </thead>
      <tbody>
        {cameras.map((camera) => (
          <Row key={camera.id} camera={camera} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ camera }: { camera: CameraView }) {
  const end = camera.authorisation?.expires_on ?? null;
  const left = daysLeft(end, now());
  return (
    <tr data-camera={camera.id}>
      <td>
        <State camera={camera} />
      </td>
      <th scope="row">
        <Link to="/cameras/$id" params={{ id: String(camera.id) }}>
          {camera.name}
        </Link>
        <span className="dim">{camera.place}</span>
      </th>
      <td>
        {camera.site.name}
        <span className="dim">{camera.site.town}</span>
      </td>
      <td>{regimeWord(camera.regime)}</td>
      <td>
        {formatOf(camera)}
        <span className="dim">
          {camera.ptz ? <Trans>mobile</Trans> : null} {camera.talk ? <Trans>haut-parleur</Trans> : null}
        </span>
      </td>
      <td>
        {camera.record ? <Trans>{camera.retention_days} jours</Trans> : <Trans>non enregistrée</Trans>}
        {camera.authorisation === null ? null : (
          <span className={left !== null && left < ENDING ? (left < 0 ? "late" : "soon") : "dim"}>
            {camera.authorisation.number}
            {end === null ? null : (
              <>
                {" "}
                <Trans>jusqu’au {day(end)}</Trans>
              </>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}

const SHAPES: Record<string, string> = {
  online: "M8 2a6 6 0 110 12A6 6 0 018 2z",
  offline: "M3 3l10 10M13 3L3 13",
  frozen: "M8 1l7 13H1z",
  suspended: "M4 3h3v10H4zM9 3h3v10H9z",
};

/** Of pictures that stay with the customer: how old the newest is that came. */
function LastReceived({ camera }: { camera: CameraView }) {
  return (
    <span className="dim">
      {camera.last_frame_at === null ? (
        <Trans>aucune image reçue</Trans>
      ) : (
        <>
          <Trans>dernière image reçue, âge :</Trans> <Age since={camera.last_frame_at} />
        </>
      )}
    </span>
  );
}

/** Shape, colour and word; since when, and what is wrong. */
export function State({ camera }: { camera: CameraView }) {
  const { state } = camera;
  // A picture comes, and something is wrong with it: it is not plainly well.
  const wrong = state === "online" && isWrong(camera);
  return (
    <div className={classes.state} data-state={state} data-wrong={wrong ? "yes" : undefined}>
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
        <path
          d={SHAPES[wrong ? "frozen" : state] ?? "M8 3a5 5 0 110 10A5 5 0 018 3z"}
          fill={state === "offline" ? "none" : "currentColor"}
          stroke="currentColor"
          strokeWidth="2"
        />
      </svg>
      <b>{isResting(camera) ? <Trans>au repos, sans alarme</Trans> : stateWord(state)}</b>
      {state === "remote" ? <LastReceived camera={camera} /> : null}
      {state === "online" ? null : <Age since={camera.since} className="dim" />}
      {camera.suspended_reason && !camera.faults.some(({ kind }) => kind === camera.suspended_reason) ? (
        <span>{suspendedWord(camera.suspended_reason)}</span>
      ) : null}
      {camera.faults.map((fault) => (
        <span key={fault.kind}>{faultWord(fault.kind)}</span>
      ))}
    </div>
  );
}
