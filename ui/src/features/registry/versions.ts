import type { ModelVersion } from '../../api/mlflow';

/** Versions of the registry. Pure functions. */

/** The highest number among them, as text; undefined when there is none. */
export function latestNumber(versions: ModelVersion[] | undefined): string | undefined {
  const numbers = (versions ?? []).map((one) => Number(one.version)).filter((one) => Number.isInteger(one));
  return numbers.length === 0 ? undefined : String(Math.max(...numbers));
}

/** READY and the other words of the wire, as the screens' one map of words knows them. */
export function statusWord(version: Pick<ModelVersion, 'status'>): string {
  switch (version.status) {
    case 'FAILED_REGISTRATION':
      return 'FAILED';
    case 'PENDING_REGISTRATION':
      return 'RUNNING';
    default:
      return 'OK';
  }
}

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
