import type { Tallies } from '../../api/endpoints';

/** Tallies as lines over time. Pure functions; where nothing was told there is no value, never 0. */

export interface TallyLine {
  name: string;
  answered: (number | undefined)[];
  share: (number | undefined)[];
  errors: (number | undefined)[];
}

const MINUTE = 60_000;

/** One line for each version, whatever its role was; the moments are the ends of all items from the first to the last. */
export function seriesOf({ items, every }: Pick<Tallies, 'items' | 'every'>, named: (version: string) => string) {
  const told = items.map((one) => one.at);
  const [first, last] = [Math.min(...told), Math.max(...told)];
  const at =
    told.length === 0 ? [] : Array.from({ length: (last - first) / (every * MINUTE) + 1 }, (_, place) => first + place * every * MINUTE);
  const versions = [...new Set(items.map((one) => one.version))];
  const lines = versions.map((version): TallyLine => {
    const cells = at.map((moment) => items.filter((one) => one.version === version && one.at === moment));
    const sum = (value: 'answered' | 'logged' | 'errors') =>
      cells.map((cell) => (cell.length === 0 ? undefined : cell.reduce((before, one) => before + one[value], 0)));
    const answered = sum('answered');
    const logged = sum('logged');
    return {
      name: named(version),
      answered,
      errors: sum('errors'),
      share: answered.map((rows, place) => (rows ? (logged[place] ?? 0) / rows : undefined)),
    };
  });
  return { at: at.map((moment) => moment + every * MINUTE), lines };
}
