import type { CompareSearch } from '../../app/search';
import type { RunRow } from '../runs/tracking';
import type { Difference } from './differ';

export type SetCompare = (change: Partial<CompareSearch>, replace?: boolean) => void;

/** What each view of the compared runs is given; `lit` are those drawn in colour. */
export interface ViewProps {
  rows: RunRow[];
  difference: Difference;
  lit: string[];
  search: CompareSearch;
  set: SetCompare;
}
