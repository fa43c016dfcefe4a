/** The queue as the flat list of lines that the screen shows. */
import { groupQueue, isUntaken, type Group } from "../../core/queue";
import type { IncidentRow } from "../../core/views";

export type QueueLine =
  | { type: "row"; row: IncidentRow }
  | { type: "mine" | "faults"; count: number }
  | { type: "others"; count: number; names: string[]; open: boolean };

export function queueLines(rows: Iterable<IncidentRow>, me: number, othersOpen: boolean): QueueLine[] {
  const lines: QueueLine[] = [];
  for (const group of groupQueue(rows, me)) {
    lines.push(...groupLines(group, othersOpen));
  }
  return lines;
}

function groupLines({ key, rows }: Group, othersOpen: boolean): QueueLine[] {
  const shown = rows.map((row): QueueLine => ({ type: "row", row }));
  if (key === "untaken" || rows.length === 0) {
    return shown;
  }
  if (key === "others") {
    const names = [...new Set(rows.map((row) => row.owner?.name ?? ""))];
    // A colleague's duress never folds: whoever else is in the room sees it, in silence (practice P1).
    const kept = rows.filter((row) => othersOpen || row.duress);
    return [
      { type: "others", count: rows.length, names, open: othersOpen },
      ...kept.map((row): QueueLine => ({ type: "row", row })),
    ];
  }
  return [{ type: key, count: rows.length }, ...shown];
}

/** The lines the cursor may stand on, in order. */
export function stops(lines: readonly QueueLine[]): (number | "others")[] {
  return lines.flatMap((line): (number | "others")[] => {
    if (line.type === "row") {
      return [line.row.id];
    }
    return line.type === "others" ? ["others"] : [];
  });
}

/** The stop `step` places from the cursor; the first when the cursor's line is gone. */
export function move(
  all: readonly (number | "others")[],
  cursor: number | "others" | null,
  step: number,
): number | "others" | null {
  if (all.length === 0) {
    return null;
  }
  const at = cursor === null ? -1 : all.indexOf(cursor);
  if (at < 0) {
    return all[step >= 0 ? 0 : all.length - 1] ?? null;
  }
  return all[Math.min(all.length - 1, Math.max(0, at + step))] ?? null;
}

/** How many dossiers that nobody has stand before a line: those out of sight above what is shown. */
export function untakenAbove(lines: readonly QueueLine[], first: number): number {
  return lines.slice(0, first).filter((line) => line.type === "row" && isUntaken(line.row)).length;
}
