import { t } from "@lingui/core/macro";
import { memo } from "react";
import type { Band } from "../core/views";

const SHAPES: Record<Band, string> = {
  1: "M12 2l9 5.2v9.6L12 22l-9-5.2V7.2z",
  2: "M12 2l11 20H1z",
  3: "M12 1l11 11-11 11L1 12z",
  4: "M12 2a10 10 0 110 20 10 10 0 010-20z",
};

/** A band's words: shape, colour and sound each say the same (operator.md U4). */
export function bandLabel(band: Band): string {
  return { 1: t`Priorité 1`, 2: t`Priorité 2 ou 3`, 3: t`Priorité 4`, 4: t`Priorité 5 et au-delà` }[band];
}

export const PriorityMark = memo(function PriorityMark(props: {
  band: Band;
  size?: number;
  inherit?: boolean;
}) {
  const { band, size = 24, inherit = false } = props;
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" role="img" aria-label={bandLabel(band)}>
      <path d={SHAPES[band]} fill={inherit ? "currentColor" : `var(--p${band})`} />
    </svg>
  );
});
