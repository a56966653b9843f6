import type { EndpointVariant } from '../../api/endpoints';
import { answering, share, shareText, splitText, variantName } from './words';

const NAMED_FROM = 0.12;

/** The traffic as one bar: the champion and its canaries, each as wide as its share. */
export function Split({ endpoint, variants, thin = false }: { endpoint: string; variants: EndpointVariant[]; thin?: boolean }) {
  const parts = answering(variants);
  return parts.length === 0 ? null : (
    <div className={`split${thin ? ' thin' : ''}`} role="img" aria-label={`Traffic: ${splitText(endpoint, variants)}`}>
      {parts.map((one) => (
        <span
          key={one.version}
          className={`split-part ${one.role}`}
          style={{ width: `${100 * share(one)}%` }}
          title={`${one.version}: ${one.role}, ${shareText(one.weight)}`}
        >
          {thin || share(one) < NAMED_FROM ? null : `${variantName(endpoint, one.version)} ${shareText(one.weight)}`}
        </span>
      ))}
    </div>
  );
}
