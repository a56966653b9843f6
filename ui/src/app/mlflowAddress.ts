const EXPERIMENT = /^#\/experiments\/(\d+)$/;
const RUN = /^#\/experiments\/\d+\/runs\/([\w-]+)$/;
const LOGGED = /^#\/experiments\/\d+\/models\/([\w-]+)/;
const MODEL = /^#\/models\/([^/?]+)(?:\/versions\/(\d+))?$/;

/**
 * MLflow's clients print addresses of their own web interface, for instance `/#/experiments/3/runs/ab12`; who clicks one gets our page of
 * the same thing.
 *
 * @returns the page below the base address, or null when the hash is none of MLflow's
 */
export function pageOfMlflow(hash: string): string | null {
  const plain = hash.split('?')[0] ?? '';
  const run = RUN.exec(plain);
  if (run) return `runs/${run[1]}`;
  const logged = LOGGED.exec(plain);
  if (logged) return `logged-models/${logged[1]}`;
  const experiment = EXPERIMENT.exec(plain);
  if (experiment) return `runs?experiment=${experiment[1]}`;
  const model = MODEL.exec(plain);
  if (model) return `registry/${model[1]}${model[2] ? `/${model[2]}` : ''}`;
  return null;
}
