import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState, type KeyboardEvent } from "react";
import { word, zone } from "../../app/i18n";
import { overdue, type ReviewItem } from "../../core/reviews";
import { dateTime } from "../../core/time";
import { now } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Empty, Field, Heading } from "../../ui/parts";
import type { DeskContext } from "../shell/context";
import { useReviewing, useReviews } from "./reviews";
import classes from "./room.module.css";

/** «À relire»: acts by exception, oldest first. R marks the line under the focus, U takes the last one back. */
export function Reviews({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const list = useReviews();
  if (list === null) {
    return null;
  }
  const late = overdue(list.oldest, now());
  return (
    <section className={classes.wide} aria-label={t`À relire`} id="reviews">
      <Heading
        aside={
          list.oldest ? (
            <span className={late ? "late" : ""}>
              <Trans>
                la plus ancienne : <Age since={list.oldest} />
              </Trans>
              {late ? <Trans> – relecture due sous 24 h</Trans> : null}
            </span>
          ) : null
        }
      >
        <Trans>À relire · {list.count}</Trans>
      </Heading>
      {list.count === 0 ? (
        <Empty title={<Trans>Tout est relu</Trans>}>
          <Trans>
            Étapes non faites, appels sans preuve, destinataires ajoutés de nuit et titres corrigés viennent
            ici.
          </Trans>
        </Empty>
      ) : (
        <ul className={classes.reviews}>
          {list.pending.map((item) => (
            <Line key={`${item.kind}:${item.id}`} item={item} context={context} />
          ))}
        </ul>
      )}
      {list.count > list.pending.length ? (
        <p className={`dim ${classes.none}`}>
          <Plural value={list.count - list.pending.length} one="# autre ensuite" other="# autres ensuite" />
        </p>
      ) : null}
      {list.done.length > 0 ? (
        <details className={classes.done}>
          <summary>
            <Trans>Relus depuis 24 h · {list.done.length}</Trans>
          </summary>
          <ul className={classes.reviews}>
            {list.done.map((item) => (
              <Line key={`${item.kind}:${item.id}`} item={item} context={context} />
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

const said = (list: string | null, code: string): string => (list ? word(list, code) : code);

function Line({ item, context }: { item: ReviewItem; context: DeskContext }) {
  const { t } = useLingui();
  const [note, setNote] = useState<string | null>(null);
  const send = useReviewing();
  const mark = (): void => void send(item, "done", note?.trim());
  const press = (event: KeyboardEvent): void => {
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (
      event.target instanceof HTMLInputElement ||
      !plain ||
      event.repeat ||
      event.key.toLowerCase() !== "r"
    ) {
      return;
    }
    if (item.may_mark && item.reviewed_at === null) {
      event.preventDefault();
      focusBeside(event.currentTarget);
      mark();
    }
  };
  const { incident, site } = item;
  return (
    <li data-keyscope="card" onKeyDown={press} data-urgent={item.urgent && item.reviewed_at === null}>
      <span className={classes.reviewKind}>
        <b>{word("review_kind", item.kind)}</b>
        {item.urgent ? <span className={classes.bad}>{t`sonne`}</span> : null}
        {item.own ? <span className={classes.warn}>{t`votre propre geste`}</span> : null}
      </span>
      <span className={classes.reviewWhat}>
        {said(item.what_list, item.what)}
        {item.motif ? <span className="dim">{said(item.motif_list, item.motif)}</span> : null}
      </span>
      <span className={classes.reviewWhere}>
        {incident ? (
          <button type="button" className={classes.link} onClick={() => context.open(incident.id)}>
            {incident.reference}
          </button>
        ) : null}
        {site ? (
          <button type="button" className={classes.link} onClick={() => context.openSite(site.id)}>
            {site.name}
          </button>
        ) : null}
      </span>
      <span className="dim">
        {item.by ?? "—"}
        {item.at ? <> · {dateTime(item.at, zone.get())}</> : null}
      </span>
      <Acts item={item} note={note} setNote={setNote} mark={mark} back={() => void send(item, "undone")} />
    </li>
  );
}

/** The line goes away once read: the hands stay in the list. */
function focusBeside(line: EventTarget & Element): void {
  const beside = line.nextElementSibling ?? line.previousElementSibling;
  beside?.querySelector<HTMLElement>("[data-review]")?.focus();
}

interface ActsProps {
  item: ReviewItem;
  note: string | null;
  setNote: (note: string | null) => void;
  mark: () => void;
  back: () => void;
}

function Acts({ item, note, setNote, mark, back }: ActsProps) {
  const { t } = useLingui();
  if (!item.may_mark) {
    return null;
  }
  if (item.reviewed_at !== null) {
    return (
      <span className={classes.acts}>
        <Button tone="plain" onClick={back}>
          <Trans>Reprendre la relecture</Trans>
        </Button>
      </span>
    );
  }
  return (
    <form
      className={classes.acts}
      onSubmit={(event) => {
        event.preventDefault();
        mark();
      }}
    >
      {note === null ? (
        <Button tone="plain" onClick={() => setNote("")}>
          <Trans>Remarque</Trans>
        </Button>
      ) : (
        <Field
          label={t`Remarque`}
          value={note}
          maxLength={1000}
          autoFocus
          onChange={(event) => setNote(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              event.preventDefault();
              setNote(null);
            }
          }}
        />
      )}
      <Button tone="go" type="submit" hotkey="R" data-review>
        <Trans>Relu</Trans>
      </Button>
    </form>
  );
}
