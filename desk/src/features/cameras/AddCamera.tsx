import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Choice, Field, Problem } from "../../ui/parts";
import type { Tried } from "./cameraFile";
import { AuthorisationChoice } from "./AuthorisationChoice";
import { Discovery } from "./Discovery";
import { Purpose } from "./Purpose";
import { SiteChoice } from "./SiteChoice";
import { regimeWord } from "./words";
import classes from "./cameras.module.css";

interface Address {
  address: string;
  user: string;
  password: string;
}

/** An address and a password, «Essayer», the picture appears; then its name and its site, and it is done. */
export function AddCamera({ onDone }: { onDone: () => void }) {
  const { t } = useLingui();
  useEscape(onDone);
  const [at, setAt] = useState<Address>({ address: "", user: "", password: "" });
  const [tried, setTried] = useState<Tried | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const set = (change: Partial<Address>): void => {
    setAt((held) => ({ ...held, ...change }));
    setTried(null);
  };
  const attempt = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      setTried(await api.post<Tried>("/api/cameras/try", secretOf(at)));
    } catch (problem) {
      setFailure(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className={classes.card} aria-label={t`Ajouter une caméra`}>
      <h2>
        <Trans>Ajouter une caméra</Trans>
      </h2>
      <Discovery onPick={(url) => set({ address: url })} />
      <form className={classes.row} onSubmit={(event) => void attempt(event)}>
        <Field
          label={t`Adresse (rtsp://, http://, ou l’appareil ONVIF)`}
          value={at.address}
          required
          autoFocus
          placeholder="rtsp://192.0.2.7/stream1"
          onChange={(event) => set({ address: event.target.value.trim() })}
        />
        <Field
          label={t`Utilisateur`}
          value={at.user}
          autoComplete="off"
          onChange={(event) => set({ user: event.target.value })}
        />
        <Field
          label={t`Mot de passe`}
          type="password"
          value={at.password}
          autoComplete="new-password"
          onChange={(event) => set({ password: event.target.value })}
        />
        <Button type="submit" tone={tried ? "normal" : "go"} disabled={busy}>
          {busy ? <Trans>Essai en cours…</Trans> : <Trans>Essayer</Trans>}
        </Button>
        <Button tone="plain" onClick={onDone}>
          <Trans>Fermer</Trans>
        </Button>
      </form>
      <Problem of={failure} />
      {tried ? <Answered tried={tried} at={at} onDone={onDone} /> : null}
    </section>
  );
}

const secretOf = ({ address, user, password }: Address): Record<string, string> => ({
  address,
  ...(user === "" ? {} : { user }),
  ...(password === "" ? {} : { password }),
});

/** What answered: its picture; then where it belongs. */
function Answered({ tried, at, onDone }: { tried: Tried; at: Address; onDone: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [site, setSite] = useState<number | null>(null);
  const [name, setName] = useState("");
  const [place, setPlace] = useState("");
  const [regime, setRegime] = useState("");
  const [authorisation, setAuthorisation] = useState("");
  const [purpose, setPurpose] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const isPublic = regime.startsWith("public");
  const { codec, width, height, fps, audio } = tried.found;
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (site === null) {
      return;
    }
    try {
      const made = await api.post<{ id: number }>("/api/cameras", {
        ...secretOf({ ...at, address: tried.main }),
        ...(tried.sub === null ? {} : { sub: tried.sub }),
        site_id: site,
        name: name.trim(),
        regime,
        ...(place.trim() === "" ? {} : { place: place.trim() }),
        ...(isPublic ? { purpose, authorisation } : {}),
      });
      onDone();
      void navigate({ to: "/cameras/$id", params: { id: String(made.id) } });
    } catch (problem) {
      setFailure(problem);
    }
  };
  return (
    <form className={classes.answered} onSubmit={(event) => void add(event)}>
      <figure>
        {tried.picture ? (
          <img src={`data:image/jpeg;base64,${tried.picture}`} alt={t`Image de la caméra à l’instant`} />
        ) : (
          <p className="dim">
            <Trans>La caméra répond, sans image fixe.</Trans>
          </p>
        )}
        <figcaption className="dim">
          {codec.toUpperCase()} {width}×{height} · {Math.round(fps)} i/s
          {audio ? ` · ${t`propose du son : il n’est pas pris`}` : ""}
        </figcaption>
      </figure>
      <div className={classes.fields}>
        <Field
          label={t`Nom`}
          value={name}
          required
          autoFocus
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
        />
        <SiteChoice onChoose={setSite} />
        <Field
          label={t`Lieu, en mots`}
          value={place}
          maxLength={300}
          onChange={(event) => setPlace(event.target.value)}
        />
        <Choice label={t`Régime`} value={regime} required onChange={(event) => setRegime(event.target.value)}>
          <option value="">{t`à choisir`}</option>
          {["private", "public_place", "public_road", "home"].map((each) => (
            <option key={each} value={each}>
              {regimeWord(each)}
            </option>
          ))}
        </Choice>
        {isPublic ? (
          <>
            <AuthorisationChoice value={authorisation} onChoose={setAuthorisation} />
            <Purpose value={purpose} onChoose={setPurpose} />
          </>
        ) : null}
        <Problem of={failure} />
        <p>
          <Button type="submit" tone="go" hotkey="Ctrl+Enter" disabled={site === null || regime === ""}>
            <Trans>Ajouter</Trans>
          </Button>
        </p>
      </div>
    </form>
  );
}
