/** The review: its list, asked again each half minute and after each mark. */
import { t } from "@lingui/core/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import type { ReviewItem, ReviewList } from "../../core/reviews";
import { tell } from "../shell/ui";

const REVIEWS = ["reviews"] as const;
/** ms: what waits until the morning need not be known to the second. */
const AFRESH = 30_000;

/** Null for who does not read reviews, and before the first answer. */
export function useReviews(): ReviewList | null {
  const me = useMe();
  const answer = useQuery({
    queryKey: REVIEWS,
    queryFn: () => api.get<ReviewList>("/api/reviews"),
    enabled: can(me, "review.read"),
    refetchInterval: AFRESH,
  });
  return answer.data ?? null;
}

/** Marks «relu» or takes it back; true when it was done. */
export function useReviewing(): (
  item: ReviewItem,
  verb: "done" | "undone",
  note?: string,
) => Promise<boolean> {
  const client = useQueryClient();
  return async (item, verb, note) => {
    try {
      await api.post(
        `/api/reviews/${item.kind}/${item.id}/${verb}`,
        verb === "done" ? { note: note || null } : {},
      );
      tell(verb === "done" ? t`Relu` : t`De nouveau à relire`);
      return true;
    } catch (failure) {
      tell(failureText(failure), "bad");
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: REVIEWS });
    }
  };
}
