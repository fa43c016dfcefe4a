import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { api } from "../../api/client";
import { useMe } from "../../app/session";
import type { LogLine } from "../../core/views";
import { Button } from "../../ui/Button";
import { Empty, Problem } from "../../ui/parts";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import { Filters } from "./Filters";
import { NO_FILTER, queryOf, type Filter } from "./filter";
import { LogTable } from "./LogTable";
import { PrintHead } from "./PrintHead";
import classes from "./logbook.module.css";

interface Page {
  lines: LogLine[];
  /** Position to ask the next page before; null at the end. */
  before: number | null;
}

/** The main courante: searched in French without accents, corrected by new entries, proven entry by entry. */
export function LogbookPage() {
  const { t } = useLingui();
  return <Frame page={t`Main courante`}>{() => <Search />}</Frame>;
}

function Search() {
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const zone = useMe().centre.timezone;
  const asked = useDeferredValue(queryOf(filter, zone));
  const found = useInfiniteQuery({
    queryKey: ["logbook", asked],
    queryFn: ({ pageParam }) => {
      const before = pageParam === null ? "" : `&before=${pageParam}`;
      return api.get<Page>(`/api/logbook?${asked}${before}`);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.before,
    placeholderData: (held) => held,
  });
  const lines = found.data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <main className={shell.page} data-print="sheet">
      <PrintHead filter={filter} count={lines.length} whole={!found.hasNextPage} />
      <Filters filter={filter} onChange={setFilter} />
      <Problem of={found.error} />
      {found.isSuccess && lines.length === 0 ? (
        <Empty title={<Trans>Aucune entrée ne correspond</Trans>}>
          <Trans>
            Retirez un filtre, ou cherchez un mot plus court : le début d’un mot suffit, sans accents.
          </Trans>
        </Empty>
      ) : (
        <LogTable lines={lines} />
      )}
      <div className={classes.more}>
        {found.hasNextPage ? (
          <Button disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            <Trans>Entrées plus anciennes</Trans>
          </Button>
        ) : null}
      </div>
    </main>
  );
}
