import { filterName, type Keys } from './columns';

/** Reads a filter while it is typed: what could follow at the caret, and which part of it the server refused. Pure functions. */

export interface Offer {
  text: string;
  hint: string;
}

export interface Completion {
  /** The part of the filter that an offer takes the place of. */
  from: number;
  to: number;
  offers: Offer[];
}

/** What is known of the runs: their keys, and a few values of each param and tag. */
export interface Known {
  keys: Keys;
  values: (kind: 'params' | 'tags', key: string) => string[];
}

interface Token {
  kind: 'word' | 'text' | 'number' | 'operator' | 'open' | 'close' | 'comma' | 'odd';
  from: number;
  to: number;
  text: string;
}

export const OFFERS_MAX = 12;
const NUMERIC = [
  ['<', 'below'],
  ['<=', 'at most'],
  ['>', 'above'],
  ['>=', 'at least'],
  ['=', 'equal'],
  ['!=', 'not equal'],
] as const;
const TEXTUAL = [
  ['=', 'equal'],
  ['!=', 'not equal'],
  ['LIKE', 'pattern with % and _'],
  ['ILIKE', 'pattern, upper and lower case alike'],
  ['IN', 'one of a list'],
] as const;
const NULLS = [
  ['IS NULL', 'runs without it'],
  ['IS NOT NULL', 'runs that have it'],
] as const;
const ATTRIBUTES: [string, string][] = [
  ['attributes.run_name', 'name of the run'],
  ['attributes.status', 'RUNNING, FINISHED, FAILED …'],
  ['attributes.start_time', 'milliseconds'],
  ['attributes.end_time', 'milliseconds'],
  ['attributes.user_id', 'who ran it'],
  ['attributes.run_id', 'id of the run'],
  ['datasets.name', 'name of an input'],
  ['datasets.digest', 'digest of an input'],
  ['datasets.context', 'training, evaluation …'],
];
const STATUSES = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED'];
const WORD = /^(?:[A-Za-z_]\w*\.)?(?:`[^`]*`?|[A-Za-z_][\w./-]*|"[^"]*"?)|^[A-Za-z_]\w*\.?/;
const PATTERNS: [Token['kind'], RegExp][] = [
  ['text', /^'[^']*'?/],
  ['word', WORD],
  ['number', /^-?\d[\d.eE+-]*/],
  ['operator', /^(?:<=|>=|!=|<>|=|<|>)/],
  ['open', /^\(/],
  ['close', /^\)/],
  ['comma', /^,/],
];
const JOINS = new Set(['AND', 'OR']);
const WORD_OPERATORS = new Set(['LIKE', 'ILIKE', 'IN', 'NOT', 'IS']);

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] as string)) {
      at++;
      continue;
    }
    const rest = text.slice(at);
    const [kind, match] = PATTERNS.map(([one, pattern]) => [one, pattern.exec(rest)?.[0]] as const).find(([, one]) => one) ?? [
      'odd',
      rest[0],
    ];
    const to = at + (match as string).length;
    found.push({ kind, from: at, to, text: text.slice(at, to) });
    at = to;
  }
  return found;
}

type Place = { want: 'key' | 'join' } | { want: 'operator' | 'value'; key: string; listed: boolean } | { want: 'null'; key: string };

/** What has to come after these tokens. */
function placeAfter(before: Token[]): Place {
  let place: Place = { want: 'key' };
  for (const token of before) {
    const word = token.text.toUpperCase();
    if (place.want === 'key') {
      if (token.kind === 'word' && word !== 'NOT') {
        place = { want: 'operator', key: token.text, listed: false };
      }
    } else if (place.want === 'operator') {
      if (word === 'IS') {
        place = { want: 'null', key: place.key };
      } else if (token.kind === 'operator' || (WORD_OPERATORS.has(word) && word !== 'NOT')) {
        place = { want: 'value', key: place.key, listed: word === 'IN' };
      }
    } else if (place.want === 'null') {
      place = word === 'NULL' ? { want: 'join' } : place;
    } else if (place.want === 'value') {
      const more: boolean = place.listed && token.kind !== 'close';
      place = more ? place : { want: 'join' };
    } else if (JOINS.has(word)) {
      place = { want: 'key' };
    }
  }
  return place;
}

/** Kind and name of a key as it is written: `metrics.loss`, "params.`learning rate`", status. */
export function readKey(written: string): { kind: 'metrics' | 'params' | 'tags' | 'attributes' | 'datasets'; name: string } {
  const dot = written.indexOf('.');
  const entity = dot < 0 ? '' : written.slice(0, dot).toLowerCase();
  const name = written.slice(dot + 1).replaceAll(/^[`"]|[`"]$/g, '');
  if (/^metrics?$/.test(entity)) {
    return { kind: 'metrics', name };
  }
  if (/^param(eter)?s?$/.test(entity)) {
    return { kind: 'params', name };
  }
  if (/^tags?$/.test(entity)) {
    return { kind: 'tags', name };
  }
  return { kind: /^datasets?$/.test(entity) ? 'datasets' : 'attributes', name };
}

const isNumeric = (written: string) => {
  const { kind, name } = readKey(written);
  return kind === 'metrics' || (kind === 'attributes' && /_time$|^created$/i.test(name));
};

/** What could be typed at the caret. */
export function complete(text: string, caret: number, known: Known): Completion {
  const all = tokens(text.slice(0, caret));
  const last = all.at(-1);
  const open = last !== undefined && last.to === caret && (last.kind === 'word' || last.kind === 'text');
  const closed = open && last.kind === 'text' && last.text.length > 1 && last.text.endsWith("'");
  const typing = open && !closed ? last : undefined;
  const place = placeAfter(typing ? all.slice(0, -1) : all);
  const prefix = typing?.text ?? '';
  const offers = closed || last?.to !== caret || typing || place.want === 'key' ? offersFor(place, prefix, known) : [];
  return { from: typing?.from ?? caret, to: caret, offers };
}

function offersFor(place: Place, prefix: string, known: Known): Offer[] {
  if (place.want === 'key') {
    return matching(keyOffers(known.keys), prefix);
  }
  if (place.want === 'operator') {
    const { kind } = readKey(place.key);
    const operators = isNumeric(place.key) ? NUMERIC : [...TEXTUAL, ...(kind === 'params' || kind === 'tags' ? NULLS : [])];
    return matching(
      operators.map(([one, hint]) => ({ text: one, hint })),
      prefix,
    );
  }
  if (place.want === 'null') {
    return matching(
      [
        { text: 'NULL', hint: 'runs without it' },
        { text: 'NOT NULL', hint: 'runs that have it' },
      ],
      prefix,
    );
  }
  if (place.want === 'value') {
    return matching(valueOffers(place.key, known), prefix);
  }
  return matching(
    [
      { text: 'AND', hint: 'both must hold' },
      { text: 'OR', hint: 'one must hold' },
    ],
    prefix,
  );
}

function keyOffers(keys: Keys): Offer[] {
  const of = (kind: 'metrics' | 'params' | 'tags', hint: string) => keys[kind].map((key) => ({ text: filterName(kind, key), hint }));
  return [
    ...of('metrics', 'metric'),
    ...of('params', 'param'),
    ...ATTRIBUTES.map(([text, hint]) => ({ text, hint })),
    ...of('tags', 'tag'),
  ];
}

function valueOffers(written: string, known: Known): Offer[] {
  const { kind, name } = readKey(written);
  const texts =
    kind === 'attributes' && name === 'status' ? STATUSES : kind === 'params' || kind === 'tags' ? known.values(kind, name) : [];
  return texts.map((one) => ({ text: one.includes("'") ? `"${one}"` : `'${one}'`, hint: '' }));
}

/** Those that begin with what is typed, then those that contain it, with or without the kind in front. */
function matching(offers: Offer[], prefix: string): Offer[] {
  const typed = prefix.toLowerCase().replaceAll(/[`"']/g, '');
  const rank = ({ text }: Offer) => {
    const plain = text.toLowerCase().replaceAll(/[`"']/g, '');
    const name = plain.slice(plain.indexOf('.') + 1);
    return plain.startsWith(typed) || name.startsWith(typed) ? 0 : name.includes(typed) ? 1 : 2;
  };
  return offers
    .map((offer, at) => ({ offer, at, rank: rank(offer) }))
    .filter((one) => one.rank < 2 && one.offer.text !== prefix)
    .toSorted((a, b) => a.rank - b.rank || a.at - b.at)
    .slice(0, OFFERS_MAX)
    .map((one) => one.offer);
}

/** The filter with an offer taken, and where the caret stands then. */
export function take(text: string, { from, to }: Completion, offer: Offer): { text: string; caret: number } {
  const after = text.slice(to);
  const inserted = `${offer.text}${after.startsWith(' ') ? '' : ' '}`;
  return { text: text.slice(0, from) + inserted + after, caret: from + offer.text.length + 1 };
}

export interface Refusal {
  /** Part of the filter that is wrong; from === to when the server did not say where. */
  from: number;
  to: number;
  why: string;
}

/** Finds in the server's message where the filter went wrong: by the position that it names, or by the key that it quotes. */
export function refusal(filter: string, message: string): Refusal {
  const position = /\b(?:character|position|column)\s+(\d+)/i.exec(message);
  const why = message
    .replace(/^Invalid filter( '.*?')? at character \d+: /s, '')
    .replace(/^Invalid filter clause on '.*?': /s, '')
    .replace(/; here: .*$/s, '');
  if (position) {
    const from = Math.min(filter.length, Math.max(0, Number(position[1]) - 1));
    const token = tokens(filter).find((one) => one.from <= from && from < one.to);
    return { from, to: token?.to ?? Math.min(filter.length, from + 1), why };
  }
  for (const quote of message.matchAll(/'([^']+)'/g)) {
    const name = (quote[1] as string).replace(/^\w+\./, '');
    const from = name === '' || quote[1] === filter ? -1 : filter.indexOf(name);
    if (from >= 0) {
      return { from, to: from + name.length, why: message };
    }
  }
  return { from: 0, to: 0, why };
}
