import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { word } from "../../app/i18n";
import type { PostView } from "../../core/views";
import { rowsOf, useWorld } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Choice, Field, Heading } from "../../ui/parts";
import { Reasoned } from "../room/Reasoned";
import { POST_KINDS, useSend, type Send } from "./accounts";
import classes from "./people.module.css";

/** The posts of the room. */
export function Posts({ manage }: { manage: boolean }) {
  const { t } = useLingui();
  const send = useSend();
  const posts = rowsOf(useWorld((world) => world.posts)).sort((a, b) => a.name.localeCompare(b.name));
  const [adding, setAdding] = useState(false);
  return (
    <section className={classes.list} aria-label={t`Postes`}>
      <Heading
        aside={
          manage ? (
            <Button onClick={() => setAdding(!adding)}>
              <Trans>Ajouter</Trans>
            </Button>
          ) : null
        }
      >
        <Trans>Postes · {posts.length}</Trans>
      </Heading>
      {adding ? <NewPost send={send} onDone={() => setAdding(false)} /> : null}
      <ul className={classes.posts}>
        {posts.map((post) => (
          <Post key={post.id} post={post} send={send} manage={manage} />
        ))}
      </ul>
    </section>
  );
}

function NewPost({ send, onDone }: { send: Send; onDone: () => void }) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<string>(POST_KINDS[0]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send("/posts", { name, kind }, t`Poste créé : ${name}`).then((done) => done && onDone());
  };
  return (
    <form className={`${classes.form} ${classes.inset}`} onSubmit={submit}>
      <Field
        label={t`Nom du poste`}
        value={name}
        required
        autoFocus
        onChange={(e) => setName(e.target.value)}
      />
      <Choice label={t`Sert à`} value={kind} onChange={(event) => setKind(event.target.value)}>
        {POST_KINDS.map((code) => (
          <option key={code} value={code}>
            {word("post_kind", code)}
          </option>
        ))}
      </Choice>
      <div className={classes.row}>
        <Button tone="go" type="submit">
          <Trans>Créer le poste</Trans>
        </Button>
        <Button tone="plain" onClick={onDone}>
          <Trans>Annuler</Trans>
        </Button>
      </div>
    </form>
  );
}

function Post({ post, send, manage }: { post: PostView; send: Send; manage: boolean }) {
  const { t } = useLingui();
  const [form, setForm] = useState<"rename" | "remove" | null>(null);
  const path = `/posts/${post.id}`;
  const done = (): void => setForm(null);
  return (
    <li>
      <span>
        <b>{post.name}</b> <span className="dim">{word("post_kind", post.kind)}</span>
      </span>
      <span className="dim">{post.holder?.name ?? t`libre`}</span>
      {manage && form === null ? (
        <span className={classes.row}>
          <Button tone="plain" onClick={() => setForm("rename")}>
            <Trans>Renommer</Trans>
          </Button>
          {post.holder === null ? (
            <Button tone="plain" onClick={() => setForm("remove")}>
              <Trans>Retirer</Trans>
            </Button>
          ) : null}
        </span>
      ) : null}
      {form === "rename" ? (
        <Reasoned
          label={t`Nouveau nom`}
          onDone={done}
          onSend={(name) => send(`${path}/rename`, { name }, t`Poste renommé`)}
        />
      ) : null}
      {form === "remove" ? (
        <Reasoned
          label={t`Pourquoi retirer ce poste`}
          onDone={done}
          onSend={(reason) => send(`${path}/remove`, { reason }, t`Poste retiré`)}
        />
      ) : null}
    </li>
  );
}
