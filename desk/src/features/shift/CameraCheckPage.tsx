import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { word } from "../../app/i18n";
import { useMe } from "../../app/session";
import { hourMinute } from "../../core/time";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Chip, Empty, Heading, Problem } from "../../ui/parts";
import { faultWord } from "../cameras/words";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import {
  allSeen,
  isLeft,
  mayBeSeen,
  type CameraCheck,
  type CheckedCamera,
  type Tick,
  type Ticks,
} from "./cameraCheck";
import { useCameraCheck, useSigning } from "./checkActs";
import classes from "./shift.module.css";

/** Each camera of the post at the start of a shift: as it is now, ticked one by one, signed into the main courante. */
export function CameraCheckPage() {
  const { t } = useLingui();
  return <Frame page={t`Essai des caméras`}>{() => <Check />}</Frame>;
}

function Check() {
  const me = useMe();
  const asked = useCameraCheck(me);
  if (me.post === null) {
    return (
      <main className={shell.page}>
        <Empty title={<Trans>Prenez un poste : l’essai est celui de ses caméras.</Trans>} />
      </main>
    );
  }
  return (
    <main className={`${shell.page} ${classes.page}`}>
      <Problem of={asked.error} />
      {asked.data ? <List check={asked.data} zone={me.centre.timezone} /> : null}
    </main>
  );
}

function List({ check, zone }: { check: CameraCheck; zone: string }) {
  const [ticks, setTicks] = useState<Ticks>(new Map());
  const sign = useSigning(() => setTicks(new Map()));
  const { cameras } = check;
  const left = cameras.filter((camera) => isLeft(camera, ticks)).length;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (left === 0) {
      sign.mutate({ cameras, ticks });
    }
  };
  if (cameras.length === 0) {
    return <Empty title={<Trans>Aucune caméra n’est à regarder de ce poste.</Trans>} />;
  }
  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.ctrlKey) {
          submit(event);
        }
      }}
    >
      <Heading aside={<Recorders check={check} />}>
        {check.post.name} · <Due check={check} zone={zone} />
      </Heading>
      <ul className={classes.cameras}>
        {cameras.map((camera) => (
          <Line
            key={camera.camera}
            camera={camera}
            tick={ticks.get(camera.camera)}
            set={(tick) => setTicks(new Map([...ticks, [camera.camera, tick]]))}
          />
        ))}
      </ul>
      <p className={classes.sign}>
        <Button onClick={() => setTicks(allSeen(cameras, ticks))}>
          <Trans>Sans défaut : toutes vues sur le mur</Trans>
        </Button>
        <Button type="submit" tone="go" hotkey="Ctrl+Enter" disabled={left > 0 || sign.isPending}>
          <Trans>Signer l’essai</Trans>
        </Button>
        <span className="dim" role="status">
          {left === 0 ? (
            <Trans>tout est coché</Trans>
          ) : (
            <Plural value={left} one="# caméra à cocher" other="# caméras à cocher" />
          )}
        </span>
      </p>
    </form>
  );
}

function Due({ check, zone }: { check: CameraCheck; zone: string }) {
  const { signed_at: signed, due_at: due, late } = check;
  if (signed !== null) {
    return <Trans>signé à {hourMinute(signed, zone)}</Trans>;
  }
  return (
    <span className={late ? "late" : ""}>
      {late ? (
        <Trans>à signer, attendu à {hourMinute(due, zone)}</Trans>
      ) : (
        <Trans>à signer avant {hourMinute(due, zone)}</Trans>
      )}
    </span>
  );
}

function Recorders({ check }: { check: CameraCheck }) {
  const alive = check.recorders.filter((each) => each.alive).length;
  const all = check.recorders.length;
  return (
    <Chip>
      <span className={alive < all ? "late" : ""}>
        <Trans>
          enregistreurs : {alive} sur {all}
        </Trans>
      </span>
    </Chip>
  );
}

interface LineProps {
  camera: CheckedCamera;
  tick: Tick | undefined;
  set: (tick: Tick) => void;
}

function Line({ camera, tick, set }: LineProps) {
  const { t } = useLingui();
  const group = `check-${camera.camera}`;
  const note = tick?.note ?? "";
  return (
    <li data-left={tick === undefined || undefined}>
      <span>
        <b>{camera.name}</b> <span className="dim">· {camera.site}</span>
      </span>
      <span className={camera.sound ? "" : classes.bad}>
        {word("camera_state", camera.state)}
        {camera.faults.length > 0 ? ` · ${camera.faults.map(faultWord).join(", ")}` : ""} ·{" "}
        {camera.last_frame_at === null ? (
          <Trans>aucune image</Trans>
        ) : (
          <Age since={camera.last_frame_at} limit={{ seconds: 10, since: camera.last_frame_at }} />
        )}
      </span>
      <div className={classes.choice} role="radiogroup" aria-label={camera.name}>
        <label>
          <input
            type="radio"
            name={group}
            checked={tick?.result === "seen"}
            disabled={!mayBeSeen(camera)}
            onChange={() => set({ result: "seen", note: "" })}
          />{" "}
          <Trans>vue</Trans>
        </label>
        <label>
          <input
            type="radio"
            name={group}
            checked={tick?.result === "defect"}
            onChange={() => set({ result: "defect", note })}
          />{" "}
          <Trans>défaut</Trans>
        </label>
        <input
          className={classes.note}
          aria-label={t`Défaut de ${camera.name}`}
          value={note}
          maxLength={500}
          disabled={tick?.result !== "defect"}
          onChange={(event) => set({ result: "defect", note: event.target.value })}
        />
      </div>
    </li>
  );
}
