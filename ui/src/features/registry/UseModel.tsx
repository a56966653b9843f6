import { SegmentedControl } from '@mantine/core';
import { CopyIcon } from '../../shared/states';
import { type Snippet, snippets, type Use } from './snippets';

interface Props {
  use: Use;
  chosen: Snippet['language'];
  choose: (language: Snippet['language']) => void;
}

/** Programs that use this version as they stand. */
export function UseModel({ use, chosen, choose }: Props) {
  const all = snippets(use);
  const shown = all.find((one) => one.language === chosen) ?? all[0];
  return shown === undefined ? null : (
    <div className="stack">
      <div className="spread">
        <SegmentedControl
          aria-label="Language"
          value={shown.language}
          data={all.map((one) => ({ value: one.language, label: one.label }))}
          onChange={(value) => choose(value as Snippet['language'])}
        />
        <span className="row-tight small quiet">
          {shown.file} <CopyIcon text={shown.text} label="Copy the program" />
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="code-block" tabIndex={0}>
        {shown.text}
      </pre>
    </div>
  );
}
