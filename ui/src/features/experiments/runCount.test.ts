import { expect, it } from 'vitest';
import { totalText } from './RunCount';

it('the count of runs is exact as far as it was counted', () => {
  expect(totalText({ count: 10_000, more: false })).toBe('10,000');
  expect(totalText({ count: 10_000, more: true })).toBe('more than 10,000');
  expect(totalText({ count: 0, more: false })).toBe('0');
});
