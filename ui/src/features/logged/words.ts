import type { MetricPoint } from '../../api/mlflow';

/** Logged models in the words of the screens. Pure functions. */

/** The state of a logged model: a word that the screens know, and what it is called. */
export function statusOf(status: string | undefined): [word: string, label: string] {
  switch (status) {
    case 'LOGGED_MODEL_PENDING':
      return ['RUNNING', 'Being logged'];
    case 'LOGGED_MODEL_UPLOAD_FAILED':
      return ['FAILED', 'Upload failed'];
    default:
      return ['OK', 'Ready'];
  }
}

/** A metric of a model may be measured on several data sets, at several steps. */
export function metricName({ key, dataset_name: dataset, step }: Pick<MetricPoint, 'key' | 'dataset_name' | 'step'>): string {
  return `${key}${dataset ? ` on ${dataset}` : ''}${Number(step ?? 0) > 0 ? ` at step ${step}` : ''}`;
}
