const KINDS: Record<string, string> = {
  APPLY: 'lifecycle file',
  RETRAIN: 'retraining',
  GATE: 'gates',
  SIGN: 'signature',
  ROLLOUT: 'rollout step',
  PROMOTION: 'promotion',
  ROLLBACK: 'rollback',
  PAUSE: 'pause',
  RESUME: 'resume',
  ALERT: 'alert',
};

export function kindWord(kind: string): string {
  return KINDS[kind] ?? kind.toLowerCase().replaceAll('_', ' ');
}
