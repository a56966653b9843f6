import type { Alert, ModelSummary } from '../../api/types';
import { type Tone, tell } from '../../shared/Status';

const WEIGHT: Record<Tone, number> = { fail: 0, error: 1, warn: 2, running: 3, unknown: 4, pass: 5 };

/** Open alerts of a model: from the summary where the server sends them, else counted. Undefined when nobody knows. */
export function openAlerts(model: ModelSummary, open: Alert[] | undefined): number | undefined {
  return model.openAlerts ?? open?.filter((alert) => alert.model === model.model && alert.state === 'OPEN').length;
}

/** Worst first: open alerts, then what needs a person, then what moves; the live before the replayed. */
export function worstFirst(models: ModelSummary[], open: Alert[] | undefined): ModelSummary[] {
  return models.toSorted(
    (a, b) =>
      (openAlerts(b, open) ?? 0) - (openAlerts(a, open) ?? 0) ||
      WEIGHT[tell(a.state)[0]] - WEIGHT[tell(b.state)[0]] ||
      Number(a.scope !== '') - Number(b.scope !== '') ||
      a.model.localeCompare(b.model),
  );
}
