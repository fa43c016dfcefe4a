import { Trans, useLingui } from "@lingui/react/macro";
import { overdue } from "../../core/reviews";
import { now } from "../../live/hooks";
import type { DeskContext } from "../shell/context";
import shell from "../shell/shell.module.css";
import { can } from "../../app/session";
import { useReviews } from "./reviews";

/** How much waits for the chef's review, with the age of the oldest in its title; nothing when nothing waits. */
export function ReviewChip({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const list = useReviews();
  if (list === null || list.count === 0 || !can(context.me, "review.mark")) {
    return null;
  }
  const late = overdue(list.oldest, now());
  const hours = list.oldest ? Math.max(0, Math.floor((now() - Date.parse(list.oldest)) / 3_600_000)) : 0;
  return (
    <button
      type="button"
      className={`${shell.gauge} ${late ? "late" : ""}`}
      onClick={() => context.go("/salle")}
      aria-label={t`À relire : ${list.count}`}
      title={t`La plus ancienne attend depuis ${hours} h ; la relecture se fait sous 24 h`}
    >
      <span className={shell.wideOnly}>
        <Trans>à relire</Trans>{" "}
      </span>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d="M1 6s2-3.5 5-3.5S11 6 11 6 9 9.5 6 9.5 1 6 1 6z" fill="none" stroke="currentColor" />
        <circle cx="6" cy="6" r="1.6" fill="currentColor" />
      </svg>{" "}
      <b>{list.count}</b>
    </button>
  );
}
