/** Two distributions of scores on the same rows. Pure functions; bins are sparse: place, count, place, count … of 1,000. */

export const BINS = 1_000;
const SHOWN = 40;

/** Sums the bins of several days into bars; each bar is its share of all rows. */
export function bars(days: number[][], shown = SHOWN): number[] {
  const sums = new Array<number>(shown).fill(0);
  let all = 0;
  for (const sparse of days) {
    for (let at = 0; at + 1 < sparse.length; at += 2) {
      const count = sparse[at + 1] ?? 0;
      const bar = Math.min(shown - 1, Math.max(0, Math.floor(((sparse[at] ?? 0) * shown) / BINS)));
      sums[bar] = (sums[bar] ?? 0) + count;
      all += count;
    }
  }
  return all === 0 ? [] : sums.map((sum) => sum / all);
}

/** The score below which a share of the rows lies: the middle of its bin; undefined without rows. */
export function scoreAt(days: number[][], share: number): number | undefined {
  const counts = new Map<number, number>();
  let all = 0;
  for (const sparse of days) {
    for (let at = 0; at + 1 < sparse.length; at += 2) {
      const place = sparse[at] ?? 0;
      counts.set(place, (counts.get(place) ?? 0) + (sparse[at + 1] ?? 0));
      all += sparse[at + 1] ?? 0;
    }
  }
  let below = 0;
  for (const [place, count] of [...counts].sort(([one], [other]) => one - other)) {
    below += count;
    if (below >= share * all) {
      return (place + 0.5) / BINS;
    }
  }
  return undefined;
}

export interface Apart {
  share: number;
  champion: number;
  candidate: number;
}

/** Where the two distributions lie at the same shares of the rows. */
export function apart(champion: number[][], candidate: number[][], shares = [0.05, 0.25, 0.5, 0.75, 0.95]): Apart[] {
  return shares.flatMap((one) => {
    const left = scoreAt(champion, one);
    const right = scoreAt(candidate, one);
    return left === undefined || right === undefined ? [] : [{ share: one, champion: left, candidate: right }];
  });
}
