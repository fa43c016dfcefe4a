import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useMe } from "../../app/session";
import type { Dossier } from "../../core/dossier";
import { hourMinute } from "../../core/time";
import { Button } from "../../ui/Button";
import { Problem } from "../../ui/parts";
import { LiveTile } from "../../video/tile";
import { LiveViewings, routes } from "../../video/tickets";
import type { Send } from "../dossier/useDossier";
import { TalkButton } from "../talk/TalkButton";
import { isoOf } from "../playback/instant";
import { refusalText } from "../playback/refusal";
import type { PlaybackSession } from "../playback/session";
import { Tile } from "../playback/Tile";
import { faultWord } from "../cameras/words";
import { joinLost, proveByImage, showOnWall } from "./acts";
import { ClipStrip } from "./ClipStrip";
import type { Linked } from "./ImagesPane";
import { imaging } from "./imaging";
import classes from "./images.module.css";

interface Props {
  dossier: Dossier;
  send: Send;
  linked: readonly Linked[];
  session: PlaybackSession;
}

/** The clip in front, the other cameras beside it, its strip, and what one does with it. */
export function Stage({ dossier, send, linked, session }: Props) {
  const { t } = useLingui();
  const state = useSyncExternalStore(session.state.subscribe, session.state.get);
  const [live, setLive] = useState(false);
  const me = useMe();
  const viewings = useLiveViewings(dossier.row.id);
  const acts = useActs({ dossier, send, linked, session }, () => setLive((on) => !on));
  const zone = dossier.site.timezone;
  const mine = dossier.row.owner?.id === me.user.id;
  const lead = state.entries.find(({ camera }) => camera.id === state.lead) ?? state.entries[0];
  const image = linked.find((each) => each.image.camera.id === lead?.camera.id)?.image;
  const mayLive = lead?.camera.abilities.includes("live") === true;
  return (
    <>
      {state.failure ? <Problem of={state.failure} /> : null}
      {state.refused.map((refusal) => (
        <p key={refusal.camera} className="late">
          {linked.find((each) => each.image.camera.id === refusal.camera)?.image.camera.name}
          {" : "}
          {refusalText(refusal.code, refusal.params)}
        </p>
      ))}
      <Lost
        linked={linked}
        zone={zone}
        mine={mine}
        join={(each) => void joinLost(dossier.row.id, each, send)}
      />
      <div className={classes.stage} data-many={state.entries.length > 1 || undefined}>
        <div className={classes.front}>
          {lead === undefined ? null : live && mayLive ? (
            <LiveTile key={`live.${lead.camera.id}`} camera={lead.camera} viewings={viewings} view="main">
              <span className={classes.named}>{lead.camera.name}</span>
            </LiveTile>
          ) : (
            <Tile key={lead.camera.id} camera={lead.camera} player={lead.player} zone={zone} />
          )}
        </div>
        {state.entries.length > 1 ? (
          <div className={classes.others}>
            {state.entries
              .filter((entry) => entry !== lead)
              .map(({ camera, player }) => (
                <div key={camera.id} className={classes.other}>
                  <Tile camera={camera} player={player} zone={zone} small />
                  <button
                    type="button"
                    aria-label={t`Mettre ${camera.name} devant`}
                    onClick={() => session.set({ lead: camera.id })}
                  />
                </div>
              ))}
          </div>
        ) : null}
      </div>
      {lead === undefined ? null : <ClipStrip entry={lead} session={session} zone={zone} />}
      <div className={classes.acts}>
        <Button
          hotkey="D"
          tone={live ? "go" : "normal"}
          disabled={!mayLive}
          aria-pressed={live}
          onClick={acts.live}
        >
          {live ? <Trans>revenir à l’enregistrement</Trans> : <Trans>voir le DIRECT</Trans>}
        </Button>
        <Button hotkey="U" tone="warn" disabled={!mine} onClick={acts.proof}>
          <Trans>Image sans équivoque</Trans>
        </Button>
        <Button hotkey="K" onClick={acts.pause}>
          <Trans>Pause / lecture</Trans>
        </Button>
        <Button hotkey="O" onClick={acts.replay}>
          <Trans>Relecture</Trans>
        </Button>
        <Button hotkey="W" onClick={acts.wall}>
          <Trans>Au mur</Trans>
        </Button>
        <TalkButton camera={lead?.camera} viewings={viewings} before={() => setLive(true)} />
        <Sees image={image} />
      </div>
    </>
  );
}

function Sees({ image }: { image: Linked["image"] | undefined }) {
  return image?.zone ? (
    <span className="dim">
      <Trans>voit le point {image.zone}</Trans>
    </span>
  ) : null;
}

/** The live viewings of this pane, for its dossier; ended with it. */
function useLiveViewings(incident: number): LiveViewings {
  const viewings = useMemo(() => new LiveViewings(routes, incident), [incident]);
  useEffect(() => () => viewings.endAll(), [viewings]);
  return viewings;
}

/** What the keys of the pane do now. */
function useActs({ dossier, send, linked, session }: Props, live: () => void) {
  const navigate = useNavigate();
  const incident = dossier.row.id;
  const acts = useMemo(() => {
    const { synchro, state } = session;
    const lead = () => {
      const { entries, lead: id } = state.get();
      return entries.find(({ camera }) => camera.id === id) ?? entries[0];
    };
    const lost = linked.find(({ image }) => image.lost_before !== null)?.image ?? null;
    return {
      live,
      proof: () => {
        const entry = lead();
        const wall = entry?.player.shown.get().wall ?? null;
        if (entry && wall !== null) {
          void proveByImage(incident, entry.camera, wall, send);
        }
      },
      lost: lost === null ? null : () => void joinLost(incident, lost, send),
      replay: () => {
        const cameras = state
          .get()
          .entries.map(({ camera }) => camera.id)
          .join(",");
        void navigate({ to: "/relecture", search: { cameras, at: isoOf(synchro.head()), incident } });
      },
      wall: showOnWall,
      pause: () => (synchro.clock.get().playing ? synchro.pause() : synchro.play()),
      turn: (by: 1 | -1) => {
        const { entries } = state.get();
        const at = entries.findIndex((entry) => entry === lead());
        const next = entries[(at + by + entries.length) % entries.length];
        session.set({ lead: next?.camera.id ?? null });
      },
    };
    // `live` only turns a switch.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [incident, linked, session, send, navigate]);
  useEffect(() => {
    imaging.set(() => acts);
    return () => imaging.set(() => null);
  }, [acts]);
  return acts;
}

/** «caméra injoignable avant l’alarme»: one key joins it to the dossier. */
function Lost({
  linked,
  zone,
  mine,
  join,
}: {
  linked: readonly Linked[];
  zone: string;
  /** The reader holds the dossier. */
  mine: boolean;
  join: (image: Linked["image"]) => void;
}) {
  return linked
    .filter(({ image }) => image.lost_before !== null)
    .map(({ image }, n) => (
      <p key={image.camera.id} className={classes.lost}>
        <span>
          <b>{image.camera.name}</b> :{" "}
          <Trans>
            {faultWord(image.lost_before?.fault ?? "unreachable")} depuis{" "}
            {hourMinute(image.lost_before?.since ?? "", zone)}, avant l’alarme : à joindre aux indices
          </Trans>
        </span>
        {mine ? (
          <Button {...(n === 0 ? { hotkey: "J" } : {})} onClick={() => join(image)}>
            <Trans>Joindre aux indices</Trans>
          </Button>
        ) : null}
      </p>
    ));
}
