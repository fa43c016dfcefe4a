import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { useMe, useRefreshMe } from "../../app/session";
import { word } from "../../app/i18n";
import { rowsOf, useWorld } from "../../live/hooks";
import type { PostView } from "../../core/views";
import { Button } from "../../ui/Button";
import { Choice, Problem } from "../../ui/parts";
import { PriorityMark } from "../../ui/PriorityMark";
import { reportHeard } from "../sound/bell";
import { selfTest } from "../sound/player";
import type { SoundKind } from "../../core/sound";
import classes from "./login.module.css";

type Sound = { state: "untested" | "playing" | "heard" | "silent"; kind: SoundKind | null };

/** Motifs of viewing offered when taking a post that sees images (practice: «motif of viewing»). */
function useMotifs(): string[] {
  const { t } = useLingui();
  return [t`surveillance générale`, t`événement`, t`ronde`, t`appel des forces de l’ordre`, t`maintenance`];
}

const seesImages = (post: PostView | undefined): boolean =>
  post !== undefined && post.kind !== "remote_monitoring";

/** The post one left without leaving it, else the first free one. */
function usualPost(posts: readonly PostView[], me: number): number | null {
  const mine = posts.find((post) => post.holder?.id === me);
  return (mine ?? posts.find((post) => post.holder === null))?.id ?? null;
}

/** Prise de poste: the sound first (its test is the browser's gesture), then the post and its motif. */
export function TakingPost({ onSkip }: { onSkip: () => void }) {
  const { t } = useLingui();
  const me = useMe();
  const refresh = useRefreshMe();
  const motifs = useMotifs();
  const [sound, setSound] = useState<Sound>({ state: "untested", kind: null });
  const table = useWorld((world) => world.posts);
  const posts = table.size > 0 ? rowsOf(table) : me.posts;
  const [picked, setPicked] = useState<number | null>(null);
  const chosen = picked ?? usualPost(posts, me.user.id);
  const [motif, setMotif] = useState(motifs[0] ?? "");
  const post = posts.find((held) => held.id === chosen);
  const take = useMutation({
    mutationFn: async (id: number) => {
      await api.post(`/api/posts/${id}/take`, { motif: seesImages(post) ? motif : null });
      await reportHeard(sound.state === "heard");
    },
    onSuccess: refresh,
  });
  const test = async (): Promise<void> => {
    setSound({ state: "playing", kind: null });
    const ran = await selfTest((kind) => setSound({ state: "playing", kind }));
    setSound({ state: ran ? "playing" : "silent", kind: null });
  };
  const tested = sound.state === "heard" || sound.state === "silent";
  return (
    <main className={classes.page}>
      <div className={`${classes.card} ${classes.wide}`}>
        <div className={classes.brand}>
          <img src="/veilleur.svg" alt="" />
          {["Veilleur", me.centre.name].filter(Boolean).join(" · ")}
        </div>
        <h1>
          <Trans>Prise de poste – {me.user.name}</Trans>
        </h1>
        {me.centre.demo ? (
          <p className={classes.demo}>
            <Trans>DÉMONSTRATION – ville fictive, à son heure à elle.</Trans>
          </p>
        ) : null}
        <section className={`${classes.step} ${tested ? classes.done : ""}`}>
          <h2>
            <span className={classes.num}>1</span>
            <Trans>Essai du son</Trans>
          </h2>
          <p className="dim">
            <Trans>
              Quatre sonneries, de la moins à la plus urgente. Réglez le volume de la machine, puis dites si
              vous entendez.
            </Trans>
          </p>
          <SoundTest
            sound={sound}
            onTest={() => void test()}
            onAnswer={(state) => setSound({ state, kind: null })}
          />
        </section>
        <section className={classes.step}>
          <h2>
            <span className={classes.num}>2</span>
            <Trans>Poste</Trans>
          </h2>
          {posts.length === 0 ? (
            <p className="dim">
              <Trans>
                Aucun poste n’existe encore : l’administrateur en crée un par la commande «veilleur post add».
              </Trans>
            </p>
          ) : null}
          {posts.length > 0 && chosen === null ? <AllHeld /> : null}
          <div className={classes.posts} role="radiogroup" aria-label={t`Poste`}>
            {posts.map((held) => (
              <PostChoice
                key={held.id}
                post={held}
                chosen={held.id === chosen}
                mine={held.holder?.id === me.user.id}
                onChoose={() => setPicked(held.id)}
              />
            ))}
          </div>
          {seesImages(post) ? (
            <Choice
              label={t`Motif de visionnage`}
              value={motif}
              onChange={(event) => setMotif(event.target.value)}
            >
              {motifs.map((text) => (
                <option key={text}>{text}</option>
              ))}
            </Choice>
          ) : null}
          <Problem of={take.error} />
          <div className={classes.row}>
            <Button
              key={tested ? "ready" : "waiting"}
              autoFocus={tested}
              tone="go"
              disabled={!tested || chosen === null || take.isPending}
              onClick={() => chosen !== null && take.mutate(chosen)}
            >
              <Trans>Prendre le poste</Trans>
            </Button>
            {!tested ? (
              <span className="dim">
                <Trans>L’essai du son d’abord : c’est lui qui permet à cette page de sonner.</Trans>
              </span>
            ) : null}
            <Button tone="plain" onClick={onSkip}>
              <Trans>Consulter sans poste</Trans>
            </Button>
          </div>
        </section>
      </div>
    </main>
  );
}

/** The button is greyed: what one may do instead. */
function AllHeld() {
  return (
    <p className="soon" role="status">
      <Trans>
        Tous les postes sont tenus. Choisissez-en un pour le reprendre si son écran est éteint ; sinon
        consultez sans poste, ou demandez à un collègue de changer d’opérateur.
      </Trans>
    </p>
  );
}

function SoundTest(props: {
  sound: Sound;
  onTest: () => void;
  onAnswer: (state: "heard" | "silent") => void;
}) {
  const { sound, onTest, onAnswer } = props;
  const played = sound.state !== "untested" && !(sound.state === "playing" && sound.kind !== null);
  return (
    <>
      <div className={classes.row}>
        <Button tone={sound.state === "untested" ? "go" : "normal"} onClick={onTest} autoFocus>
          {sound.state === "untested" ? <Trans>Lancer l’essai</Trans> : <Trans>Recommencer</Trans>}
        </Button>
        <span className={classes.tones}>
          {([4, 3, 2, 1] as const).map((band) => (
            <span key={band} className={sound.kind === band || sound.state === "heard" ? classes.on : ""}>
              <PriorityMark band={band} size={22} />
            </span>
          ))}
        </span>
        {played ? (
          <>
            <Button
              tone={sound.state === "silent" ? "normal" : "go"}
              autoFocus
              onClick={() => onAnswer("heard")}
            >
              <Trans>J’entends</Trans>
            </Button>
            <Button tone={sound.state === "silent" ? "warn" : "normal"} onClick={() => onAnswer("silent")}>
              <Trans>Je n’entends rien</Trans>
            </Button>
          </>
        ) : null}
      </div>
      {sound.state === "silent" ? (
        <p className="late" role="alert">
          <Trans>
            Ce poste ne sonnera pas : la salle en est prévenue. Vérifiez le casque, puis recommencez.
          </Trans>
        </p>
      ) : null}
    </>
  );
}

function Holder({ post, mine }: { post: PostView; mine: boolean }) {
  if (mine) {
    return <Trans>le vôtre, à reprendre</Trans>;
  }
  return post.holder ? <Trans>tenu par {post.holder.name}</Trans> : <Trans>libre</Trans>;
}

/** A held post may be asked for: the server gives it when its screen is dead, and says who holds it otherwise. */
function PostChoice(props: { post: PostView; chosen: boolean; mine: boolean; onChoose: () => void }) {
  const { post, chosen, mine, onChoose } = props;
  return (
    <button type="button" role="radio" aria-checked={chosen} className={classes.post} onClick={onChoose}>
      <b>{post.name}</b>
      <span className="dim">{word("post_kind", post.kind)}</span>
      <span className="dim">
        <Holder post={post} mine={mine} />
      </span>
    </button>
  );
}
