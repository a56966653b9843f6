import { Button } from '@mantine/core';
import { IconAlertCircle, IconSearch, IconX } from '@tabler/icons-react';
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { type Completion, complete, type Known, type Refusal, refusal, take } from './filterText';

interface Props {
  filter: string;
  /** Why the server refused this filter, in its words. */
  error: string | undefined;
  known: Known;
  apply: (filter: string) => void;
}

/** A filter in MLflow's words: what could follow is offered while one types, and what the server refused is marked where it stands. */
export function FilterBox({ filter, error, known, apply }: Props) {
  const [typed, setTyped] = useState(filter);
  const [offered, setOffered] = useState<Completion>();
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => setTyped(filter), [filter]);
  const wrong = error !== undefined && typed.trim() === filter ? refusal(typed, error) : undefined;
  const offers = offered?.offers ?? [];
  const look = (text: string, caret: number) => {
    setOffered(complete(text, caret, known));
    setAt(-1);
  };
  const close = () => {
    setOffered(undefined);
    setAt(-1);
  };
  const accept = (index: number) => {
    const offer = offers[index];
    if (offered && offer) {
      const next = take(typed, offered, offer);
      setTyped(next.text);
      look(next.text, next.caret);
      requestAnimationFrame(() => input.current?.setSelectionRange(next.caret, next.caret));
    }
  };
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    close();
    apply(typed.trim());
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && offers.length > 0) {
      setAt((old) => (old + step + offers.length + (old < 0 && step < 0 ? 1 : 0)) % offers.length);
    } else if (step !== 0 || (event.key === ' ' && event.ctrlKey)) {
      look(typed, event.currentTarget.selectionStart ?? typed.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && at >= 0) {
      accept(at);
    } else if (event.key === 'Escape' && offers.length > 0) {
      close();
    } else {
      return;
    }
    event.preventDefault();
  };
  const align = () => {
    if (mirror.current && input.current) {
      mirror.current.scrollLeft = input.current.scrollLeft;
    }
  };
  return (
    <form className="filter-box grow" onSubmit={submit}>
      <div className={`filter-field${wrong ? ' wrong' : ''}`}>
        <IconSearch size={16} stroke={2} aria-hidden className="quiet" />
        <div className="filter-line">
          <div ref={mirror} className="filter-mirror" aria-hidden="true">
            {wrong ? <Marked text={typed} wrong={wrong} /> : null}
          </div>
          <input
            ref={input}
            data-filter
            aria-label="Filter"
            aria-invalid={wrong !== undefined}
            aria-describedby={wrong ? `${id}-why` : undefined}
            role="combobox"
            aria-expanded={offers.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
            autoComplete="off"
            spellCheck={false}
            placeholder="metrics.loss < 0.5 AND params.lr = '0.1'"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              look(event.currentTarget.value, event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            }}
            onClick={(event) => look(typed, event.currentTarget.selectionStart ?? typed.length)}
            onKeyDown={keys}
            onScroll={align}
            onBlur={close}
          />
        </div>
        {typed === '' ? null : (
          <button
            type="button"
            className="icon-button"
            aria-label="Clear the filter"
            onClick={() => {
              setTyped('');
              close();
              apply('');
            }}
          >
            <IconX size={16} stroke={2} aria-hidden />
          </button>
        )}
        <div
          role="listbox"
          id={`${id}-list`}
          aria-label="What could follow"
          className={offers.length > 0 ? 'filter-offers' : 'hidden-text'}
        >
          {offers.map((offer, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the input, which names the active option
            <div
              key={offer.text}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              className={`filter-offer${index === at ? ' active' : ''}`}
              onPointerDown={(event) => {
                event.preventDefault();
                accept(index);
              }}
            >
              <span className="mono cut">{offer.text}</span>
              <span className="quiet small">{offer.hint}</span>
            </div>
          ))}
        </div>
      </div>
      <Button type="submit" variant="default">
        Filter
      </Button>
      {wrong ? (
        <p className="filter-why status tone-fail" id={`${id}-why`} role="alert">
          <IconAlertCircle size={16} stroke={2} aria-hidden />
          {wrong.to > wrong.from ? (
            <>
              <code>{typed.slice(wrong.from, wrong.to)}</code>:{' '}
            </>
          ) : null}
          {wrong.why}
        </p>
      ) : null}
    </form>
  );
}

/** The text again, unseen, with a line under what is wrong; at the end of the text the line stands behind it. */
function Marked({ text, wrong }: { text: string; wrong: Refusal }) {
  const end = Math.max(wrong.to, wrong.from + 1);
  return (
    <>
      {text.slice(0, wrong.from)}
      <span className="filter-mark">{text.slice(wrong.from, end) || ' '}</span>
      {text.slice(end)}
    </>
  );
}
