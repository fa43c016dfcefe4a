import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { language, preferLanguage, word } from "../../app/i18n";
import { useMe } from "../../app/session";
import { showTheme, theme, themeLabel, THEMES } from "../../app/theme";
import { day } from "../../core/time";
import { Choice } from "../../ui/parts";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import { setLetters, ui } from "../shell/ui";
import { Away } from "./Away";
import { Leaving } from "./Leaving";
import { PasswordForm } from "./PasswordForm";
import { QuickChange } from "./QuickChange";
import { SoundForm } from "./SoundForm";
import classes from "./account.module.css";

/** My account: who I am, my titles, my post, my sound, my screen, my password. */
export function AccountPage() {
  const { t } = useLingui();
  return (
    <Frame page={t`Mon compte`}>
      {() => (
        <main className={shell.page}>
          <div className={classes.grid}>
            <Identity />
            <section className={classes.card}>
              <h2>
                <Trans>Poste</Trans>
              </h2>
              <Leaving />
            </section>
            <section className={classes.card}>
              <h2>
                <Trans>Je m’absente</Trans>
              </h2>
              <Away />
            </section>
            <section className={classes.card}>
              <h2>
                <Trans>Changer d’opérateur</Trans>
              </h2>
              <QuickChange />
            </section>
            <section className={classes.card}>
              <h2>
                <Trans>Son</Trans>
              </h2>
              <SoundForm />
            </section>
            <Screen />
            <section className={classes.card}>
              <h2>
                <Trans>Mot de passe</Trans>
              </h2>
              <PasswordForm />
            </section>
          </div>
        </main>
      )}
    </Frame>
  );
}

function Identity() {
  const me = useMe();
  return (
    <section className={classes.card}>
      <h2>{me.user.name}</h2>
      <p className="dim">
        {me.user.login} · {me.user.roles.map((role) => word("role", role)).join(", ")}
      </p>
      <h3>
        <Trans>Titres</Trans>
      </h3>
      {me.titles.length === 0 ? (
        <p className="late">
          <Trans>Aucun titre enregistré : vous ne pouvez pas prendre de poste. Voyez l’administrateur.</Trans>
        </p>
      ) : null}
      <ul>
        {me.titles.map((title) => (
          <li key={title.number} className={classes.title}>
            <b>{word("title_kind", title.kind)}</b> n° {title.number}
            <span className={title.state === "valid" ? "dim" : "late"}>
              {word("title_state", title.state)}
              {title.expires_on ? (
                <>
                  {" · "}
                  <Trans>jusqu’au {day(title.expires_on)}</Trans>
                </>
              ) : null}
              {" · "}
              {title.activities.map((activity) => word("activity", activity)).join(", ")}
            </span>
            {title.months_left === null ? null : (
              <span className="soon" role="note">
                <Trans>Fin dans moins de {title.months_left} mois.</Trans>{" "}
                {title.renew_by ? (
                  <Trans>Demandez son renouvellement avant le {day(title.renew_by)} (R612-17).</Trans>
                ) : null}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Screen() {
  const { t } = useLingui();
  const shown = useSyncExternalStore(theme.subscribe, theme.get);
  const spoken = useSyncExternalStore(language.subscribe, language.get);
  const letters = useSyncExternalStore(ui.subscribe, () => ui.get().letters);
  return (
    <section className={classes.card}>
      <h2>
        <Trans>Écran et touches</Trans>
      </h2>
      <Choice
        label={t`Thème`}
        value={shown}
        onChange={(event) => showTheme(THEMES.find((name) => name === event.target.value) ?? "nuit")}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {themeLabel(name)}
          </option>
        ))}
      </Choice>
      <Choice
        label={t`Langue de cet écran`}
        value={spoken}
        onChange={(event) => preferLanguage(event.target.value)}
      >
        <option value="fr">Français</option>
        <option value="en">English</option>
      </Choice>
      <label className={classes.check}>
        <input type="checkbox" checked={letters} onChange={(event) => setLetters(event.target.checked)} />
        <Trans>Touches d’une lettre dans les listes (N)</Trans>
      </label>
    </section>
  );
}
