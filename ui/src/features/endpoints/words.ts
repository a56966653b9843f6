import type { Me } from '../../api/access';
import type { EndpointDetail, EndpointSummary, EndpointVariant, Role } from '../../api/endpoints';
import { percent } from '../../shared/format';

/** What is said of endpoints. Pure functions. */

const ALL = 10_000;
const ORDER: Role[] = ['champion', 'canary', 'shadow', 'warm'];

/** Whose version and which: MODEL/NUMBER, where the name of a model may have slashes of its own. */
export function versionParts(version: string): { model: string; number: string } {
  const slash = version.lastIndexOf('/');
  return { model: slash < 0 ? '' : version.slice(0, slash), number: version.slice(slash + 1) };
}

/** The champion first, idle ones last; among equals the greater share, then the newer version. */
export function byRole<T extends EndpointVariant>(variants: T[]): T[] {
  return variants.toSorted(
    (one, other) =>
      ORDER.indexOf(one.role) - ORDER.indexOf(other.role) ||
      other.weight - one.weight ||
      Number(versionParts(other.version).number) - Number(versionParts(one.version).number),
  );
}

/** The variants that answer callers. */
export const answering = <T extends EndpointVariant>(variants: T[]) => byRole(variants).filter((one) => one.weight > 0);

export const share = (variant: EndpointVariant) => variant.weight / ALL;

/** A share without needless digits: 90 %, 0.5 %. */
export const shareText = (weight: number) => percent(weight / ALL, weight % 100 === 0 ? 0 : weight % 10 === 0 ? 1 : 2);

/** A variant as one reads it: the model's name only where it is not the endpoint's. */
export function variantName(endpoint: string, version: string): string {
  const { model, number } = versionParts(version);
  return model === endpoint || model === '' ? `v${number}` : `${model} v${number}`;
}

/** The split in words. */
export function splitText(endpoint: string, variants: EndpointVariant[]): string {
  const parts = byRole(variants)
    .filter((one) => one.role !== 'warm')
    .map((one) => `${variantName(endpoint, one.version)} ${one.role}${one.weight > 0 ? ` ${shareText(one.weight)}` : ''}`);
  return parts.length === 0 ? 'no version takes traffic yet' : parts.join(' · ');
}

/** The name without the replay that it belongs to, and that replay. */
export function nameParts(name: string): { name: string; scope: string } {
  const at = name.indexOf('@');
  return at < 0 ? { name, scope: '' } : { name: name.slice(0, at), scope: name.slice(at + 1) };
}

/** Those whose name, project or versions have all the words. */
export function found<T extends EndpointSummary>(all: T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const text = `${one.name} ${one.project ?? ''} ${one.variants.map((variant) => variant.version).join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The model whose lifecycle decides about the endpoint; undefined for one that people deploy to. */
export function lifeOf(endpoint: Pick<EndpointSummary, 'name' | 'origin' | 'model'>): string | undefined {
  return endpoint.origin === 'api' ? undefined : (endpoint.model ?? endpoint.name);
}

/** Where callers ask it: plain records, or the Open Inference Protocol for a model of tensors. */
export function addressesOf({ name, urls, inputs, tensors }: Pick<EndpointDetail, 'name' | 'urls' | 'inputs' | 'tensors'>): string[] {
  const ofTensors = inputs.length === 0 && tensors.length > 0;
  return ofTensors ? urls.map((url) => url.replace(/\/endpoints\/[^/]*\/predict$/, `/v2/models/${encodeURIComponent(name)}/infer`)) : urls;
}

const RIGHTS = ['READ', 'USE', 'EDIT', 'MANAGE'];
const OF_ROLE: Record<string, string> = { viewer: 'READ', approver: 'READ', contributor: 'EDIT', maintainer: 'MANAGE' };

/**
 * Why I may not do that; undefined when I may, or when only the server can tell: rights that everybody has are not among mine.
 */
export function missing(me: Me | undefined, endpoint: Pick<EndpointSummary, 'name' | 'project'>, right: string): string | undefined {
  if (!me?.authenticated || me.administrator || !endpoint.project) {
    return undefined;
  }
  const mine = [
    ...me.roles.filter((one) => one.project === endpoint.project).map((one) => OF_ROLE[one.role] ?? 'READ'),
    ...me.grants.filter((one) => one.object === endpoint.name || one.object.endsWith(`/${endpoint.name}`)).map((one) => one.permission),
  ];
  if (mine.some((one) => RIGHTS.indexOf(one) >= RIGHTS.indexOf(right))) {
    return undefined;
  }
  return right === 'MANAGE'
    ? `You need the role maintainer in the project ${endpoint.project}; its maintainers and administrators can give it.`
    : `You need the role contributor in the project ${endpoint.project}, or the right ${right} on this endpoint.`;
}
