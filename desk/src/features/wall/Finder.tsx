import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { findActions } from "../../core/actions";
import { word } from "../../app/i18n";
import type { CameraView } from "../../core/cameras";
import { Kbd } from "../../ui/Kbd";
import { showInPane } from "../../ui/scroll";
import palette from "../palette/palette.module.css";
import type { DeskAction, DeskContext } from "../shell/context";
import shell from "../shell/shell.module.css";
import { findCameras } from "./find";
import { select, setWall, showCamera, wall } from "./wallStore";

interface Found {
  key: string;
  group: string;
  title: string;
  detail: string;
  hotkey: string | null;
  perform: () => void;
}

const CAMERAS_SHOWN = 12;
const ACTIONS_SHOWN = 8;

/** The wall's command bar: a camera by a few letters, else an action of the page. */
export function Finder(props: {
  cameras: readonly CameraView[];
  actions: readonly DeskAction[];
  context: DeskContext;
}) {
  const { t } = useLingui();
  const { cameras, actions, context } = props;
  const [query, setQuery] = useState(() => wall.get().typed);
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const found: Found[] = [
    ...findCameras(cameras, query)
      .slice(0, CAMERAS_SHOWN)
      .map((camera) => ({
        key: `camera:${camera.id}`,
        group: t`Caméras`,
        title: camera.name,
        detail: [
          camera.place,
          camera.site.name,
          camera.state === "online" ? null : word("camera_state", camera.state),
        ]
          .filter(Boolean)
          .join(" · "),
        hotkey: null,
        perform: () => showCamera(camera.id),
      })),
    ...findActions(actions, query, context)
      .slice(0, ACTIONS_SHOWN)
      .map((action) => ({
        key: action.id,
        group: action.group,
        title: action.label(),
        detail: "",
        hotkey: action.keys?.[0] ?? null,
        perform: () => action.perform(context),
      })),
  ];
  const cursor = Math.min(at, Math.max(0, found.length - 1));
  const close = (): void => {
    setWall({ sheet: null, typed: "" });
    select(wall.get().selected);
  };
  const run = (chosen: Found | undefined): void => {
    if (chosen) {
      close();
      chosen.perform();
    }
  };
  const press = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(found.length - 1, cursor + step)));
      showInPane(document.getElementById(`wall-found-${cursor + step}`), "nearest");
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[cursor]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  };
  return (
    <div className={shell.overlay} onClick={(event) => event.target === event.currentTarget && close()}>
      <div className={shell.sheet} role="dialog" aria-label={t`Chercher une caméra`}>
        <input
          ref={field}
          className={palette.input}
          role="combobox"
          aria-expanded="true"
          aria-controls="wall-found"
          aria-activedescendant={found.length > 0 ? `wall-found-${cursor}` : undefined}
          aria-label={t`Chercher une caméra`}
          placeholder={t`Caméra, lieu, site, action…`}
          value={query}
          autoComplete="off"
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        <div
          id="wall-found"
          role="listbox"
          aria-label={t`Résultats`}
          className={palette.results}
          tabIndex={-1}
        >
          {found.map((each, index) => (
            <div
              key={each.key}
              id={`wall-found-${index}`}
              role="option"
              aria-selected={index === cursor}
              className={palette.item}
              onClick={() => run(each)}
            >
              <span>{each.title}</span>
              <span className={palette.detail}>{each.detail || each.group}</span>
              {each.hotkey ? <Kbd of={each.hotkey} /> : null}
            </div>
          ))}
        </div>
        {found.length === 0 ? (
          <p className={palette.none}>
            <Trans>Rien à ce nom. Essayez la rue, le site, ou deux lettres de moins.</Trans>
          </p>
        ) : null}
      </div>
    </div>
  );
}
