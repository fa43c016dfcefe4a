const PATHS: Record<string, string> = {
  intrusion: "M3 14V2.5h7V14M2 14h12M7.5 8.2v.6",
  fire: "M8 14.5c-3 0-4.5-2-4.5-4.2C3.5 7 6.5 5.500 7 1.500c3 2 5.500 5 5.500 8.600 0 2.600-1.700 4.400-4.500 4.400z",
  person:
    "M8 7.500a2.800 2.800 0 100-5.600 2.800 2.800 0 000 5.600zM2.500 14.500c.4-3.300 2.500-5 5.500-5s5.100 1.700 5.500 5",
  technical:
    "M8 5.300a2.700 2.700 0 100 5.400 2.700 2.700 0 000-5.400zM8 1.500v2M8 12.500v2M1.500 8h2M12.500 8h2M3.400 3.400l1.400 1.400M11.200 11.200l1.400 1.400M12.600 3.400l-1.400 1.400M4.800 11.200l-1.400 1.400",
  service: "M2.500 4h11M2.500 8h11M2.500 12h7",
};

/** The nature of a dossier, beside its words. */
export function NatureIcon({ family, size = 13 }: { family: string; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" style={{ verticalAlign: "-2px" }}>
      <path d={PATHS[family] ?? PATHS.service} fill="none" stroke="currentColor" strokeWidth="1.500" />
    </svg>
  );
}
