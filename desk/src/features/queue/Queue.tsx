import { Trans, useLingui } from "@lingui/react/macro";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useSyncExternalStore, type KeyboardEvent } from "react";
import { isUntaken, nextToTake } from "../../core/queue";
import { Kbd } from "../../ui/Kbd";
import { Empty, Heading } from "../../ui/parts";
import { take } from "../shell/commands";
import type { DeskContext } from "../shell/context";
import { setUi, ui } from "../shell/ui";
import { move, queueLines, stops, untakenAbove, type QueueLine } from "./lines";
import { QueueRow } from "./QueueRow";
import classes from "./queue.module.css";

const PAGE = 8;
const STEPS: Record<string, number> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: PAGE,
  PageUp: -PAGE,
  Home: -1_000_000,
  End: 1_000_000,
};

/** px of a row's name: a row whose name is rolled away is as good as hidden. */
const NAME = 24;

const keyOf = (line: QueueLine): number | string => (line.type === "row" ? line.row.id : line.type);

/** The queue. New rows never move the cursor nor steal the focus: the cursor is a dossier, not a place. */
export function Queue({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const scroller = useRef<HTMLDivElement>(null);
  const cursor = useSyncExternalStore(ui.subscribe, () => ui.get().cursor);
  const othersOpen = useSyncExternalStore(ui.subscribe, () => ui.get().othersOpen);
  const lines = useMemo(
    () => queueLines(context.rows, context.me.user.id, othersOpen),
    [context.rows, context.me.user.id, othersOpen],
  );
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (lines[index]?.type === "row" ? 77 : 30),
    getItemKey: (index) => {
      const line = lines[index];
      return line ? keyOf(line) : index;
    },
    overscan: 6,
  });

  useEffect(() => {
    if (document.activeElement === document.body) {
      scroller.current?.focus({ preventScroll: true });
    }
  }, []);

  const act = (at: number | "others" | null): void => {
    if (at === "others") {
      setUi({ othersOpen: !ui.get().othersOpen });
    } else if (at !== null) {
      context.open(at);
    }
  };
  const press = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (step !== undefined) {
      event.preventDefault();
      const to = move(stops(lines), cursor, step);
      setUi({ cursor: to });
      const index = lines.findIndex((line) => keyOf(line) === to);
      if (index >= 0) {
        virtual.scrollToIndex(index, { align: "auto" });
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      act(cursor);
    }
  };

  const top = virtual.scrollOffset ?? 0;
  const above = untakenAbove(
    lines,
    virtual.getVirtualItems().find((item) => item.start + NAME > top)?.index ?? 0,
  );
  const untaken = context.rows.filter((row) => isUntaken(row) && row.band !== 4).length;
  return (
    <>
      <Heading aside={<NextButton context={context} />}>
        <Trans>À traiter · {untaken}</Trans>
      </Heading>
      <div className={classes.frame}>
        {above > 0 ? (
          <button type="button" className={classes.above} onClick={() => virtual.scrollToOffset(0)}>
            <span aria-hidden="true">↑</span> <Trans>{above} non pris au-dessus</Trans> <Kbd of="Home" />
          </button>
        ) : null}
        <div
          ref={scroller}
          className={classes.list}
          role="listbox"
          tabIndex={0}
          aria-label={t`File des dossiers`}
          aria-activedescendant={cursor === null ? undefined : `queue-${cursor}`}
          data-keyscope="list"
          onKeyDown={press}
        >
          {lines.length === 0 ? (
            <div role="option" aria-selected="false" aria-disabled="true">
              <Empty title={<Trans>Rien à traiter</Trans>}>
                <Trans>Un dossier s’ouvre ici, et sonne, dès qu’un signal le demande.</Trans>
              </Empty>
            </div>
          ) : null}
          <div className={classes.inner} role="presentation" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const line = lines[item.index];
              return line ? (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  role="presentation"
                  className={classes.line}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Line line={line} context={context} cursor={cursor} act={act} />
                </div>
              ) : null;
            })}
          </div>
        </div>
      </div>
    </>
  );
}

function NextButton({ context }: { context: DeskContext }) {
  const pending = useSyncExternalStore(ui.subscribe, () => ui.get().pending);
  const next = nextToTake(context.rows);
  if (next === null || context.me.post === null) {
    return null;
  }
  return (
    <button
      type="button"
      className={classes.next}
      data-pending={pending === "queue.next"}
      onClick={() => void take(next, context.open)}
    >
      <kbd>N</kbd> <Trans>prendre le prochain</Trans>
    </button>
  );
}

interface LineProps {
  line: QueueLine;
  context: DeskContext;
  cursor: number | "others" | null;
  act: (at: number | "others") => void;
}

function Line({ line, context, cursor, act }: LineProps) {
  switch (line.type) {
    case "row":
      return (
        <QueueRow
          row={line.row}
          me={context.me.user.id}
          selected={cursor === line.row.id}
          inView={context.inView?.id === line.row.id}
          onOpen={act}
        />
      );
    case "mine":
      return (
        <div className={classes.group} role="presentation">
          <Trans>À moi · {line.count}</Trans>
        </div>
      );
    case "faults":
      return (
        <div className={classes.group} role="presentation">
          <Trans>Défauts et informations · {line.count}</Trans>
        </div>
      );
    case "others":
      return (
        <div
          id="queue-others"
          role="option"
          aria-selected={cursor === "others"}
          className={`${classes.group} ${classes.fold}`}
          onClick={() => act("others")}
        >
          <span>
            <Trans>
              Pris par d’autres · {line.count} ({line.names.join(", ")})
            </Trans>
          </span>
          <span>{line.open ? <Trans>replier</Trans> : <Trans>déplier</Trans>}</span>
        </div>
      );
  }
}
