import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import { byUrgency, isUntaken, limitOf } from "../../core/queue";
import type { IncidentRow, PostView } from "../../core/views";
import { rowsOf, useWorld } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Empty, Heading } from "../../ui/parts";
import { PriorityMark } from "../../ui/PriorityMark";
import { Frame } from "../shell/Frame";
import type { DeskContext } from "../shell/context";
import shell from "../shell/shell.module.css";
import { headlineText, nextText, stateText } from "../queue/words";
import { EndingTitles } from "./EndingTitles";
import { Reasoned } from "./Reasoned";
import { Reviews } from "./Reviews";
import classes from "./room.module.css";
import { takeOver, vacate } from "./orders";

/** The room: posts, who holds what, what waits too long. */
export function RoomPage() {
  const { t } = useLingui();
  return <Frame page={t`La salle`}>{(context) => <Room context={context} />}</Frame>;
}

function Room({ context }: { context: DeskContext }) {
  const posts = rowsOf(useWorld((world) => world.posts)).sort((a, b) => a.name.localeCompare(b.name));
  const late = context.rows.filter((row) => isUntaken(row) && row.needs_operator).sort(byUrgency);
  const heldBy = (user: number): IncidentRow[] =>
    context.rows.filter((row) => row.owner?.id === user && !isUntaken(row)).sort(byUrgency);
  const seated = new Set(posts.flatMap((post) => (post.holder ? [post.holder.id] : [])));
  const orphans = context.rows.filter((row) => row.owner && !seated.has(row.owner.id) && !isUntaken(row));
  return (
    <main className={shell.page}>
      <div className={classes.grid}>
        <section>
          <Heading>
            <Trans>À prendre · {late.length}</Trans>
          </Heading>
          {late.length === 0 ? (
            <Empty title={<Trans>Rien n’attend</Trans>} />
          ) : (
            <Rows rows={late} context={context} />
          )}
        </section>
        {posts.map((post) => (
          <Post
            key={post.id}
            post={post}
            rows={post.holder ? heldBy(post.holder.id) : []}
            context={context}
          />
        ))}
        {orphans.length > 0 ? (
          <section>
            <Heading>
              <Trans>Tenus par quelqu’un qui n’a plus de poste · {orphans.length}</Trans>
            </Heading>
            <Rows rows={orphans} context={context} />
          </section>
        ) : null}
        <EndingTitles />
        <Reviews context={context} />
      </div>
    </main>
  );
}

function Post({ post, rows, context }: { post: PostView; rows: IncidentRow[]; context: DeskContext }) {
  const { t } = useLingui();
  const alive = useWorld((world) => world.livePosts.includes(post.id));
  const [asking, setAsking] = useState(false);
  return (
    <section>
      <Heading aside={post.holder ? <Age since={post.held_since} /> : null}>{post.name}</Heading>
      <div className={classes.who}>
        <b>{post.holder?.name ?? <span className="faint">{t`libre`}</span>}</b>
        <span className="dim">{word("post_kind", post.kind)}</span>
        {post.motif ? <span className="dim">{post.motif}</span> : null}
        {post.holder && !alive ? <span className={classes.bad}>{t`écran muet`}</span> : null}
        {post.holder && post.sound_ok === false ? (
          <span className={classes.bad}>{t`ne sonne pas`}</span>
        ) : null}
        {post.title?.warned ? <span className={classes.warn}>{t`titre bientôt expiré`}</span> : null}
        {post.abilities.includes("vacate") ? (
          <Button tone="plain" onClick={() => setAsking(!asking)}>
            <Trans>Libérer le poste</Trans>
          </Button>
        ) : null}
      </div>
      {asking ? (
        <Reasoned
          label={t`Pourquoi libérer ce poste`}
          onDone={() => setAsking(false)}
          onSend={(reason) => vacate(post, reason)}
        />
      ) : null}
      {post.holder && rows.length === 0 ? (
        <p className={`faint ${classes.none}`}>
          <Trans>Aucun dossier en main</Trans>
        </p>
      ) : (
        <Rows rows={rows} context={context} />
      )}
    </section>
  );
}

function Rows({ rows, context }: { rows: readonly IncidentRow[]; context: DeskContext }) {
  const { t } = useLingui();
  const [asking, setAsking] = useState<number | null>(null);
  return (
    <ul className={classes.rows}>
      {rows.slice(0, 60).map((row) => (
        <li key={row.id}>
          <PriorityMark band={row.band} size={18} />
          <button type="button" className={classes.open} onClick={() => context.open(row.id)}>
            <b>{row.site.name}</b>
            {row.duress ? <b className="late"> {t`CONTRAINTE`}</b> : null}
            {row.state === "parked" ? <b className="soon"> {stateText(row, context.me.user.id)}</b> : null}
            <span className="dim">
              {headlineText(row.headline)}
              {row.next.label ? ` · ${nextText(row)}` : ""}
            </span>
          </button>
          <Age since={row.opened_at} limit={isUntaken(row) ? limitOf(row) : null} />
          {row.abilities.includes("take-over") && row.owner?.id !== context.me.user.id ? (
            <Button onClick={() => setAsking(asking === row.id ? null : row.id)}>
              <Trans>Reprendre</Trans>
            </Button>
          ) : null}
          {asking === row.id ? (
            <Reasoned
              label={t`Motif de la reprise`}
              list="take_over_reason"
              onDone={() => setAsking(null)}
              onSend={(reason) => takeOver(row, reason)}
            />
          ) : null}
        </li>
      ))}
    </ul>
  );
}
