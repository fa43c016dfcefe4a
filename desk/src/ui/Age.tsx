import { age, lateness, secondsSince, WITHIN, type TimeLimit } from "../core/time";
import { useSecond } from "../live/hooks";

/** An age that runs, with its limit's colour (U16: every figure shows its age). */
export function Age(props: { since: string | null; limit?: TimeLimit | null; className?: string }) {
  const second = useSecond();
  const at = second * 1000 + WITHIN;
  const elapsed = second === 0 ? null : secondsSince(props.since, at);
  if (elapsed === null) {
    return null;
  }
  const { limit } = props;
  const tone = limit ? lateness(secondsSince(limit.since, at) ?? elapsed, limit.seconds) : "ok";
  return <span className={`${props.className ?? ""} ${tone === "ok" ? "" : tone}`}>{age(elapsed)}</span>;
}

/** What is left until a time, then how late it is. */
export function Countdown(props: { until: string; lateWord: (spent: string) => string }) {
  const second = useSecond();
  const past = second === 0 ? null : secondsSince(props.until, second * 1000);
  if (past === null) {
    return null;
  }
  if (past > 0) {
    return <span className="late">{props.lateWord(age(past))}</span>;
  }
  return <span className={-past <= 60 ? "soon" : ""}>{age(-past)}</span>;
}
