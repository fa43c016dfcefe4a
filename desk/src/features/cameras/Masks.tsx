import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import { dateTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { Choice, Field, Problem } from "../../ui/parts";
import { pictureUrl, type MaskView } from "./cameraFile";
import type { Part } from "./CameraFilePage";
import { MaskCanvas } from "./MaskCanvas";
import { problemOf } from "./polygon";
import { useSaving } from "./useSaving";
import { useStill } from "./useStill";
import classes from "./cameras.module.css";

type Draft = Pick<MaskView, "kind" | "name" | "preset" | "polygon">;

const draftOf = ({ kind, name, preset, polygon }: Draft): Draft => ({ kind, name, preset, polygon });

/** Legal masks, set in the camera and proven by a picture; masks of role, drawn by the server. */
export function Masks({ file, may, took, zone }: Part & { zone: string }) {
  const { t } = useLingui();
  const { save, failure, busy } = useSaving(file, took);
  const still = useStill(file.id);
  const [draft, setDraft] = useState<Draft | null>(null);
  const keep = async (masks: readonly Draft[]): Promise<void> => {
    if (await save({ masks: masks.map(draftOf) })) {
      setDraft(null);
    }
  };
  const wrong = draft === null ? null : problemOf(draft.polygon);
  return (
    <section className={`${classes.card} ${classes.wide}`} aria-labelledby="camera-masks">
      <h2 id="camera-masks">
        <Trans>Masques</Trans>
      </h2>
      <ul className={classes.masks}>
        {file.masks.map((mask) => (
          <MaskItem
            key={mask.id}
            mask={mask}
            file={file}
            zone={zone}
            onRemove={may && !busy ? () => void keep(file.masks.filter((each) => each !== mask)) : null}
          />
        ))}
        {file.masks.length === 0 ? (
          <li className="dim">
            <Trans>
              Aucun masque. L’entrée et l’intérieur des immeubles d’habitation ne doivent pas être vus
              (L251-3).
            </Trans>
          </li>
        ) : null}
      </ul>
      <MaskCanvas
        picture={still.url}
        masks={file.masks}
        draft={draft?.polygon ?? null}
        onChange={(polygon) => setDraft((held) => (held === null ? held : { ...held, polygon }))}
      />
      <Problem of={still.failure ?? failure} />
      {may ? (
        <div className={classes.row}>
          <Button onClick={() => void still.take()}>
            {still.url === null ? <Trans>Prendre une image (tracé)</Trans> : <Trans>Reprendre l’image</Trans>}
          </Button>
          {draft === null ? (
            <Button onClick={() => setDraft({ kind: "role", name: "", preset: null, polygon: [] })}>
              <Trans>Dessiner un masque</Trans>
            </Button>
          ) : (
            <>
              <Choice
                label={t`Sorte`}
                value={draft.kind}
                onChange={(event) => setDraft({ ...draft, kind: event.target.value as Draft["kind"] })}
              >
                <option value="legal">{word("mask_kind", "legal")}</option>
                <option value="role">{word("mask_kind", "role")}</option>
              </Choice>
              <Field
                label={t`Ce qu’il cache`}
                value={draft.name}
                autoFocus
                maxLength={100}
                onChange={(event) => setDraft({ ...draft, name: event.target.value })}
              />
              {file.presets.length > 0 ? (
                <Choice
                  label={t`Préposition`}
                  value={draft.preset ?? ""}
                  onChange={(event) => setDraft({ ...draft, preset: event.target.value || null })}
                >
                  <option value="">{t`toujours`}</option>
                  {file.presets.map((preset) => (
                    <option key={preset.token} value={preset.token}>
                      {preset.name}
                    </option>
                  ))}
                </Choice>
              ) : null}
              <Button
                tone="go"
                disabled={busy || wrong !== null || draft.name.trim() === ""}
                onClick={() => void keep([...file.masks, draft])}
              >
                <Trans>Garder le masque</Trans>
              </Button>
              <Button tone="plain" onClick={() => setDraft(null)}>
                <Trans>Abandonner</Trans>
              </Button>
              {wrong === null ? null : <span className="dim">{word("mask_problem", wrong)}</span>}
            </>
          )}
        </div>
      ) : null}
      {draft?.kind === "legal" ? (
        <p className="dim">
          <Trans>
            Un masque légal se règle dans la caméra elle-même ; ce dessin dit où il doit être, et
            l’enregistreur le contrôle par l’image.
          </Trans>
        </p>
      ) : null}
    </section>
  );
}

const presetName = (file: Part["file"], token: string): string =>
  file.presets.find((preset) => preset.token === token)?.name ?? token;

function MaskItem({
  mask,
  file,
  zone,
  onRemove,
}: {
  mask: MaskView;
  file: Part["file"];
  zone: string;
  onRemove: (() => void) | null;
}) {
  return (
    <li data-state={mask.state}>
      <b>{mask.name}</b> {word("mask_kind", mask.kind)} ·{" "}
      <span className={mask.state === "lost" ? "late" : mask.state === "unchecked" ? "soon" : "dim"}>
        {word("mask_state", mask.state)}
      </span>
      {mask.preset === null ? null : <span className="dim"> · {presetName(file, mask.preset)}</span>}
      {mask.checked_at === null ? null : (
        <span className="dim">
          {" "}
          · <Trans>contrôlé le {dateTime(mask.checked_at, zone)}</Trans>
        </span>
      )}
      {mask.has_proof ? (
        <a href={pictureUrl(file.id, `mask-${mask.id}`)} target="_blank" rel="noreferrer">
          <Trans>voir la preuve</Trans>
        </a>
      ) : null}
      {onRemove ? (
        <Button tone="plain" onClick={onRemove}>
          <Trans>Retirer</Trans>
        </Button>
      ) : null}
    </li>
  );
}
