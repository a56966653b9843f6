import { Modal } from '@mantine/core';

const KEYS: [string, string][] = [
  ['Ctrl K', 'Search pages and models'],
  ['/', 'Go to the filter of the page'],
  ['j  k', 'Next and previous row of a list'],
  ['Enter', 'Open the row or mark in focus'],
  ['x', 'Pick the row of the runs table'],
  ['←  →', 'Next and previous mark of a lane; move along a chart'],
  ['Esc', 'Close what is open'],
  ['?', 'This list'],
];

export default function Keys({ close }: { close: () => void }) {
  return (
    <Modal opened onClose={close} title="Keyboard">
      <dl className="pairs">
        {KEYS.map(([key, what]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>
              <kbd className="mono">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
