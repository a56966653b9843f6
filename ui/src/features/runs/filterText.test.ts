import { describe, expect, it } from 'vitest';
import { complete, type Known, readKey, refusal, take, tokens } from './filterText';

const known: Known = {
  keys: { metrics: ['auc', 'loss', 'val/auc'], params: ['lr', 'learning rate'], tags: ['team', 'mlflow.user'] },
  values: (_, key) => (key === 'lr' ? ['0.1', '0.3'] : key === 'team' ? ["o'neil"] : []),
};
/** Offers at the mark | of a text. */
const at = (marked: string) => {
  const caret = marked.indexOf('|');
  return complete(marked.replace('|', ''), caret, known);
};
const texts = (marked: string) => at(marked).offers.map((offer) => offer.text);

describe('completion', () => {
  it('offers keys at the begin, metrics first', () => {
    expect(texts('|').slice(0, 3)).toEqual(['metrics.auc', 'metrics.loss', 'metrics.`val/auc`']);
  });

  it('finds a key by its name alone, and by a part of it', () => {
    expect(texts('los|')[0]).toBe('metrics.loss');
    expect(texts('auc|')).toEqual(['metrics.auc', 'metrics.`val/auc`']);
    expect(texts('params.l|')).toEqual(['params.lr', 'params.`learning rate`']);
  });

  it('offers only operators that the key takes', () => {
    expect(texts('metrics.loss |')).toEqual(['<', '<=', '>', '>=', '=', '!=']);
    expect(texts('params.lr |')).toContain('IS NULL');
    expect(texts('attributes.status |')).not.toContain('IS NULL');
    expect(texts('start_time |')).toContain('>=');
  });

  it('completes an operator of letters', () => {
    expect(texts('params.lr LI|')).toEqual(['LIKE', 'ILIKE']);
  });

  it('offers the values that were seen, quoted', () => {
    expect(texts('params.lr = |')).toEqual(["'0.1'", "'0.3'"]);
    expect(texts("params.lr = '0.3|")).toEqual(["'0.3'"]);
    expect(texts('tags.team = |')).toEqual([`"o'neil"`]);
    expect(texts('status = |')).toContain("'RUNNING'");
    expect(texts('metrics.loss < |')).toEqual([]);
  });

  it('offers AND behind a clause, and keys behind AND', () => {
    expect(texts('metrics.loss < 0.5 |')).toEqual(['AND', 'OR']);
    expect(texts("params.lr IN ('0.1', '0.3') |")).toEqual(['AND', 'OR']);
    expect(texts('params.lr IS NOT NULL |')).toEqual(['AND', 'OR']);
    expect(texts("params.lr = '0.1' AND tea|")).toEqual(['tags.team']);
    expect(texts('(metrics.loss < 1 OR NOT lr|')).toEqual(['params.lr']);
  });

  it('stays in a list until it is closed', () => {
    expect(texts("params.lr IN ('0.1', |")).toEqual(["'0.1'", "'0.3'"]);
  });

  it('is silent within a number and behind a closed text', () => {
    expect(texts('metrics.loss < 0.5|')).toEqual([]);
    expect(texts("params.lr = '0.1'|")).not.toContain("'0.1'");
  });

  it('takes the place of the word at the caret, and leaves what follows', () => {
    const text = 'metrics.lo < 1';
    const offered = complete(text, 10, known);
    const loss = offered.offers.find((offer) => offer.text === 'metrics.loss');
    expect(take(text, offered, loss ?? { text: '', hint: '' })).toEqual({ text: 'metrics.loss < 1', caret: 13 });
  });
});

describe('keys as people write them', () => {
  it('are read in every spelling of the grammar', () => {
    expect(readKey('parameter.`learning rate`')).toEqual({ kind: 'params', name: 'learning rate' });
    expect(readKey('metric."val/auc"')).toEqual({ kind: 'metrics', name: 'val/auc' });
    expect(readKey('tags.mlflow.user')).toEqual({ kind: 'tags', name: 'mlflow.user' });
    expect(readKey('status')).toEqual({ kind: 'attributes', name: 'status' });
    expect(readKey('dataset.name')).toEqual({ kind: 'datasets', name: 'name' });
  });

  it('are one token with their quotes, and an open quote goes to the end', () => {
    expect(tokens("params.`a b` = 'x y").map((token) => token.text)).toEqual(['params.`a b`', '=', "'x y"]);
  });
});

describe('a refusal of the server', () => {
  it('is marked at the token of the position that it names', () => {
    const filter = 'metrics.loss << 1';
    const message = `Invalid filter '${filter}' at character 15: expected a quoted text or a number without quotes`;
    expect(refusal(filter, message)).toEqual({ from: 14, to: 15, why: 'expected a quoted text or a number without quotes' });
  });

  it('leaves out the text with an arrow that the message ends in', () => {
    const message = 'Invalid filter at character 9: expected a number; here: metrics. --> x';
    expect(refusal('metrics.x', message)).toEqual({ from: 8, to: 9, why: 'expected a number' });
  });

  it('at the end of the filter is marked behind it', () => {
    const filter = 'metrics.loss <';
    expect(refusal(filter, `Invalid filter '${filter}' at character 15: expected a number`)).toEqual({
      from: 14,
      to: 14,
      why: 'expected a number',
    });
  });

  it('without a position is marked at the key that it quotes', () => {
    const filter = "metrics.auc > 1 AND nonsense = 'x'";
    expect(refusal(filter, "unknown attribute 'nonsense'; known are 'status'")).toMatchObject({ from: 20, to: 28 });
  });

  it('that names nothing of the filter marks nothing', () => {
    expect(refusal('a = 1', 'too long')).toEqual({ from: 0, to: 0, why: 'too long' });
  });
});
