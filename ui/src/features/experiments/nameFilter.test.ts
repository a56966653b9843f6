import { expect, it } from 'vitest';
import { nameFilter } from './nameFilter';

it('asks for a part of a name, upper and lower case alike', () => {
  expect(nameFilter('name', ' churn ')).toBe("name ILIKE '%churn%'");
  expect(nameFilter('name', '  ')).toBe('');
});

it('takes the other quote when the name has one, and any character for it when it has both', () => {
  expect(nameFilter('name', "o'neil")).toBe('name ILIKE "%o\'neil%"');
  expect(nameFilter('name', `a'b"c`)).toBe(`name ILIKE "%a'b_c%"`);
});
