import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import { Choice, Field, Problem } from "../../ui/parts";
import type { Part } from "./CameraFilePage";
import { Purpose } from "./Purpose";
import { useSaving } from "./useSaving";
import { regimeWord } from "./words";
import classes from "./cameras.module.css";

/** A number typed, or nothing. */
const numberOf = (text: string): number | null =>
  text.trim() === "" ? null : Number(text.replace(",", "."));
const textOf = (value: number | null): string => (value === null ? "" : String(value));

/** Name, place, regime, position, keeping and floor. */
export function FactsForm({ file, may, took }: Part) {
  const { t } = useLingui();
  const { save, failure, busy } = useSaving(file, took);
  const [facts, setFacts] = useState({
    name: file.name,
    place: file.place ?? "",
    purpose: file.purpose ?? "",
    regime: file.regime as string,
    lat: textOf(file.lat),
    lon: textOf(file.lon),
    bearing: textOf(file.bearing),
    fov: textOf(file.fov),
    retention: String(file.retention_days),
    least: String(file.min_retention_days),
    narrow: file.narrow,
    record: file.record,
    talk: file.talk,
    ptz: file.ptz,
  });
  type Facts = typeof facts;
  const text = (name: keyof Facts, label: string, more: object = {}) => (
    <Field
      label={label}
      value={String(facts[name])}
      readOnly={!may}
      onChange={(event) => setFacts((held) => ({ ...held, [name]: event.target.value }))}
      {...more}
    />
  );
  const box = (name: "narrow" | "record" | "talk" | "ptz", label: string) => (
    <label className={classes.check}>
      <input
        type="checkbox"
        checked={facts[name]}
        disabled={!may}
        onChange={(event) => setFacts((held) => ({ ...held, [name]: event.target.checked }))}
      />{" "}
      {label}
    </label>
  );
  const send = (event: FormEvent): void => {
    event.preventDefault();
    void save({
      name: facts.name.trim(),
      place: facts.place.trim() || null,
      purpose: facts.purpose.trim() || null,
      regime: facts.regime,
      lat: numberOf(facts.lat),
      lon: numberOf(facts.lon),
      bearing: numberOf(facts.bearing),
      fov: numberOf(facts.fov),
      retention_days: Number(facts.retention),
      min_retention_days: Number(facts.least),
      narrow: facts.narrow,
      record: facts.record,
      talk: facts.talk,
      ptz: facts.ptz,
    });
  };
  const day = { type: "number", min: 0, max: 30, step: 1, required: true };
  const degree = { type: "number", min: 0, max: 360, step: "any" };
  return (
    <form className={classes.card} onSubmit={send} aria-labelledby="camera-facts">
      <h2 id="camera-facts">
        <Trans>Caméra</Trans>
      </h2>
      <div className={classes.fields}>
        {text("name", t`Nom`, { required: true, maxLength: 200 })}
        {text("place", t`Lieu, en mots`, { maxLength: 300 })}
        {facts.regime.startsWith("public") ? (
          <Purpose
            value={facts.purpose}
            may={may}
            onChoose={(purpose) => setFacts((held) => ({ ...held, purpose }))}
          />
        ) : (
          text("purpose", t`Finalité`, { maxLength: 300 })
        )}
        <Choice
          label={t`Régime`}
          value={facts.regime}
          disabled={!may}
          onChange={(event) => setFacts((held) => ({ ...held, regime: event.target.value }))}
        >
          {["private", "public_place", "public_road", "home"].map((each) => (
            <option key={each} value={each}>
              {regimeWord(each)}
            </option>
          ))}
        </Choice>
        {text("lat", t`Latitude`, { type: "number", min: -90, max: 90, step: "any" })}
        {text("lon", t`Longitude`, { type: "number", min: -180, max: 180, step: "any" })}
        {text("bearing", t`Azimut, en degrés depuis le nord`, degree)}
        {text("fov", t`Angle de vue, en degrés`, degree)}
        {text("retention", t`Conservation, en jours`, { ...day, min: 1 })}
        {text("least", t`Conservation prescrite au moins, en jours`, day)}
      </div>
      <div className={classes.checks}>
        {box("narrow", t`plan étroit : au moins 704×576 et 12 i/s, sinon 352×288 et 6 i/s`)}
        {box("record", t`enregistrée`)}
        {box("ptz", t`mobile`)}
        {box("talk", t`haut-parleur`)}
      </div>
      <Problem of={failure} />
      {may ? (
        <p>
          <Button type="submit" tone="go" hotkey="Ctrl+Enter" disabled={busy}>
            <Trans>Enregistrer</Trans>
          </Button>
        </p>
      ) : null}
    </form>
  );
}
