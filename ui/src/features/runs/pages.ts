/** Which pages of a long list are asked for, and how. Pure functions. */

/** Where a page begins: behind the row that the token names, or behind so many rows. The first page has neither. */
export interface PageAt {
  token?: string;
  offset?: number;
}

export interface Known {
  /** Rows of a page. */
  size: number;
  /** What the pages before told of where these begin, by number. */
  tokens: ReadonlyMap<number, string>;
  /** Pages that were asked for already, by number; they are asked for in the same way again. */
  asked: ReadonlyMap<number, PageAt>;
  /** Rows of the whole list, when the server has counted them. */
  total: number | undefined;
}

const AHEAD = 2;

/**
 * The pages for the rows from `first` to `last`, some that are likely to follow, and the one before. Whoever reads downwards gets each page
 * by the token of the page before, so that runs that are logged meanwhile neither repeat nor hide others; only who jumps gets one by its
 * place.
 */
export function wantedPages(first: number, last: number, known: Known): Map<number, PageAt> {
  const { size, tokens, asked, total } = known;
  const from = Math.max(0, Math.floor(first / size));
  const end = total === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Math.ceil(total / size) - 1);
  const to = Math.min(end, Math.floor(Math.max(first, last) / size) + AHEAD);
  const pages = new Map<number, PageAt>();
  for (let page = Math.max(0, from - 1); page <= to; page++) {
    const token = tokens.get(page);
    const at = asked.get(page) ?? (page === 0 ? {} : token === undefined ? undefined : { token });
    if (at) {
      pages.set(page, at);
    } else if (page <= from && total !== undefined) {
      pages.set(page, { offset: page * size });
    }
  }
  return pages;
}

export interface Loaded {
  rows: number;
  /** Another page follows. */
  more: boolean;
}

/** How many rows the list has as far as it is known, and whether more may follow. */
export function rowCount(loaded: ReadonlyMap<number, Loaded>, size: number, total: { count: number; more: boolean } | undefined) {
  let least = 0;
  for (const [page, { rows, more }] of loaded) {
    if (!more) {
      return { count: page * size + rows, open: false };
    }
    least = Math.max(least, (page + 2) * size);
  }
  return total ? { count: Math.max(total.count, least === 0 ? 0 : least - size), open: total.more } : { count: least, open: true };
}
