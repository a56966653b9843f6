import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { useListKeys } from './useListKeys';

function Tree() {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: as the pages do
    <div onKeyDown={useListKeys()}>
      <ul>
        <li>
          <button type="button" data-row>
            folder
          </button>
          <ul>
            {['one', 'two'].map((name) => (
              <li key={name}>
                <button type="button" data-row>
                  {name}
                </button>
              </li>
            ))}
          </ul>
        </li>
        <li>
          <button type="button" data-row>
            last
          </button>
        </li>
      </ul>
    </div>
  );
}

it('j and k go through a list within a list, row by row', async () => {
  render(<Tree />);
  screen.getByText('folder').focus();
  for (const name of ['one', 'two', 'last']) {
    await userEvent.keyboard('j');
    expect(document.activeElement?.textContent).toBe(name);
  }
  await userEvent.keyboard('kkk');
  expect(document.activeElement?.textContent).toBe('folder');
  await userEvent.keyboard('k');
  expect(document.activeElement?.textContent).toBe('folder');
});
