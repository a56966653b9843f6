import { Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { endpoints } from '../api/endpoints';
import { queries } from '../api/queries';

interface Choice {
  id: string;
  name: string;
  hint: string;
  go: () => void;
}

/** Goes anywhere by typing a few letters of it. */
export default function Palette({ close }: { close: () => void }) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const navigate = useNavigate();
  const models = useQuery(queries.models());
  const served = useQuery(endpoints.all());
  const choices: Choice[] = [
    { id: 'overview', name: 'Overview', hint: 'page', go: () => void navigate({ to: '/' }) },
    { id: 'alerts', name: 'Alerts', hint: 'page', go: () => void navigate({ to: '/alerts' }) },
    { id: 'experiments', name: 'Experiments', hint: 'page', go: () => void navigate({ to: '/experiments' }) },
    { id: 'registry', name: 'Registry', hint: 'page', go: () => void navigate({ to: '/registry' }) },
    { id: 'endpoints', name: 'Endpoints', hint: 'page', go: () => void navigate({ to: '/endpoints' }) },
    { id: 'runs', name: 'Runs', hint: 'page', go: () => void navigate({ to: '/runs' }) },
    { id: 'scorings', name: 'Scorings', hint: 'page', go: () => void navigate({ to: '/scorings' }) },
    { id: 'pipelines', name: 'Pipeline runs', hint: 'page', go: () => void navigate({ to: '/runs', search: { tab: 'pipelines' } }) },
    ...(models.data?.items ?? []).flatMap((model) => [
      {
        id: model.model,
        name: model.model,
        hint: model.title,
        go: () => void navigate({ to: '/models/$model', params: { model: model.model } }),
      },
      {
        id: `${model.model}/versions`,
        name: `${model.model} versions`,
        hint: 'model',
        go: () => void navigate({ to: '/models/$model', params: { model: model.model }, search: { tab: 'versions' } }),
      },
      {
        id: `${model.model}/drift`,
        name: `${model.model} drift`,
        hint: 'model',
        go: () => void navigate({ to: '/models/$model', params: { model: model.model }, search: { tab: 'drift' } }),
      },
    ]),
  ];
  for (const { name } of served.data?.items ?? []) {
    const go = () => void navigate({ to: '/endpoints/$endpoint', params: { endpoint: name } });
    choices.push({ id: `endpoint ${name}`, name, hint: 'endpoint', go });
  }
  const id = typed.trim();
  if (/^[0-9a-f]{32}$/.test(id)) {
    choices.unshift({ id: 'run', name: id, hint: 'run', go: () => void navigate({ to: '/runs/$run', params: { run: id } }) });
  }
  if (/^m-[0-9a-f]{32}$/.test(id)) {
    const go = () => void navigate({ to: '/logged-models/$model', params: { model: id } });
    choices.unshift({ id: 'logged', name: id, hint: 'logged model', go });
  }
  const words = typed.toLowerCase().split(/\s+/);
  const found = choices
    .filter((choice) => words.every((word) => `${choice.name} ${choice.hint}`.toLowerCase().includes(word)))
    .slice(0, 12);
  const chosen = found[Math.min(at, found.length - 1)];

  const take = (choice: Choice | undefined) => {
    if (choice) {
      close();
      choice.go();
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((old) => Math.max(0, Math.min(found.length - 1, old + step)));
    } else if (event.key === 'Enter') {
      take(chosen);
    }
  };

  return (
    <Modal opened onClose={close} title="Go to" yOffset="12vh">
      <TextInput
        aria-label="Where to"
        placeholder="A page, a model or the id of a run"
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={chosen ? `palette-${chosen.id}` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div role="listbox" id="palette-list" aria-label="Found" style={{ marginTop: 8 }}>
        {found.map((choice) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input above handles the keys
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the input, which names the active option
          <div
            key={choice.id}
            id={`palette-${choice.id}`}
            role="option"
            aria-selected={choice === chosen}
            className={`menu-link${choice === chosen ? ' active' : ''}`}
            onClick={() => take(choice)}
          >
            <span className="name">{choice.name}</span>
            <span className="quiet small">{choice.hint}</span>
          </div>
        ))}
        {found.length === 0 ? <p className="quiet">Nothing matches “{typed}”.</p> : null}
      </div>
    </Modal>
  );
}
