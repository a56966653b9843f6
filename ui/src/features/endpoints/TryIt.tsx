import { Button, SegmentedControl } from '@mantine/core';
import { IconPlayerPlay, IconRestore } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { access } from '../../api/access';
import { ApiError } from '../../api/client';
import { type EndpointDetail, type Protocol, type Tried, tryEndpoint } from '../../api/endpoints';
import { Panel } from '../../shared/bits';
import { metric } from '../../shared/format';
import { Status } from '../../shared/Status';
import { CopyIcon } from '../../shared/states';
import { type Calling, programs } from './calls';
import { bodyOf, type Draft, draftOf, type Field, fieldsOf, parsed, pretty, problemsOf, protocolsOf, scoreOf } from './tryForm';
import { missing, variantName } from './words';

const NAMES: Record<Protocol, string> = { records: 'Records', v2: 'Open Inference', invocations: 'MLflow' };

/** A form made from the signature: what it sends, what came back, and the same call as a program. */
export default function TryIt({ endpoint, now }: { endpoint: EndpointDetail; now: number }) {
  const protocols = protocolsOf(endpoint);
  const form = endpoint.inputs.length > 0;
  const [protocol, setProtocol] = useState<Protocol>(protocols[0] ?? 'records');
  const [draft, setDraft] = useState<Draft>(() => draftOf(endpoint, now));
  /** What was typed as JSON; undefined while the form decides. */
  const [typed, setTyped] = useState<string>();
  const [tried, setTried] = useState(false);
  const { data: me } = useQuery(access.me());
  const send = useMutation({ mutationFn: (body: unknown) => tryEndpoint(endpoint.name, protocol, body) });

  const fields = fieldsOf(endpoint);
  const problems = typed === undefined && form ? problemsOf(fields, draft) : {};
  const made = bodyOf(protocol, endpoint, draft);
  const text = typed ?? pretty(made);
  const read = parsed(text);
  const body = 'body' in read ? read.body : made;
  const unable =
    missing(me, endpoint, 'USE') ??
    (endpoint.url === null
      ? 'No scorer is alive that could answer.'
      : endpoint.variants.length === 0
        ? 'No version is deployed here yet.'
        : undefined);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length === 0 && 'body' in read && unable === undefined) {
      send.mutate(read.body);
    } else {
      send.reset();
    }
  };
  const choose = (next: Protocol) => {
    setProtocol(next);
    setTyped(undefined);
    send.reset();
  };
  return (
    <Panel
      title="Try it"
      side={
        <SegmentedControl
          aria-label="Protocol"
          size="xs"
          value={protocol}
          data={protocols.map((one) => ({ value: one, label: NAMES[one] }))}
          onChange={(value) => choose(value as Protocol)}
        />
      }
    >
      <div className="panel-body try-grid">
        <form className="stack" onSubmit={submit} aria-label="Try it" noValidate>
          {form ? (
            <SegmentedControl
              aria-label="How to type"
              size="xs"
              value={typed === undefined ? 'form' : 'json'}
              data={[
                { value: 'form', label: 'Form' },
                { value: 'json', label: 'JSON' },
              ]}
              onChange={(value) => setTyped(value === 'json' ? pretty(made) : undefined)}
            />
          ) : (
            <p className="small quiet">This model takes tensors: its example, or zeros, is filled in.</p>
          )}
          {form && typed === undefined ? (
            <Fields
              fields={protocol === 'records' ? fields : fields.filter((one) => endpoint.inputs.some((input) => input.name === one.name))}
              draft={draft}
              problems={tried ? problems : {}}
              change={(name, value) => setDraft((old) => ({ ...old, [name]: value }))}
            />
          ) : (
            <Json text={text} problem={'problem' in read ? read.problem : undefined} change={setTyped} />
          )}
          <div className="row">
            <Button
              type="submit"
              leftSection={<IconPlayerPlay size={16} stroke={2} aria-hidden />}
              loading={send.isPending}
              disabled={unable !== undefined}
            >
              Send
            </Button>
            <Button
              variant="subtle"
              color="gray"
              leftSection={<IconRestore size={16} stroke={2} aria-hidden />}
              onClick={() => {
                setDraft(draftOf(endpoint, Date.now()));
                setTyped(undefined);
                setTried(false);
                send.reset();
              }}
            >
              The example again
            </Button>
          </div>
          <p className="small quiet">
            {unable ??
              `It is a call like any other: the split decides which version answers${form ? ', and its log policy what is kept' : ''}.`}
          </p>
          <Result endpoint={endpoint.name} tried={send.data} error={send.error} />
        </form>
        <Programs
          calling={{
            scorer: endpoint.url ?? 'http://127.0.0.1:7301',
            endpoint: endpoint.name,
            protocol,
            body,
            auth: me?.authenticated ?? false,
          }}
        />
      </div>
    </Panel>
  );
}

interface FieldsProps {
  fields: Field[];
  draft: Draft;
  problems: Record<string, string>;
  change: (name: string, value: string) => void;
}

const HINTS: Record<Field['kind'], string> = { number: 'number', text: 'text', key: 'id', time: 'time' };

function Fields({ fields, draft, problems, change }: FieldsProps) {
  const id = useId();
  return (
    <div className="try-fields">
      {fields.map((field, at) => {
        const problem = problems[field.name];
        return (
          <div key={field.name} className="stack-tight">
            <label className="spread small" htmlFor={`${id}-${at}`}>
              <span className="mono cut" title={field.name}>
                {field.name}
              </span>
              <span className="quiet">
                {HINTS[field.kind]}
                {field.required ? '' : ', may be absent'}
              </span>
            </label>
            <input
              id={`${id}-${at}`}
              className="field"
              inputMode={field.kind === 'number' ? 'decimal' : undefined}
              placeholder={field.kind === 'number' || field.kind === 'text' ? 'not known' : undefined}
              aria-invalid={problem !== undefined}
              aria-describedby={problem === undefined ? undefined : `${id}-${at}-problem`}
              value={draft[field.name] ?? ''}
              onChange={(event) => change(field.name, event.currentTarget.value)}
            />
            {problem === undefined ? null : (
              <span className="status tone-fail small" id={`${id}-${at}-problem`}>
                {problem}
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}

function Json({ text, problem, change }: { text: string; problem: string | undefined; change: (text: string) => void }) {
  return (
    <div className="stack-tight">
      <textarea
        className="field mono try-json"
        aria-label="Body as JSON"
        aria-invalid={problem !== undefined}
        spellCheck={false}
        rows={Math.min(24, Math.max(6, text.split('\n').length))}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
      />
      {problem === undefined ? null : <span className="status tone-fail small">{problem}</span>}
    </div>
  );
}

function Result({ endpoint, tried, error }: { endpoint: string; tried: Tried | undefined; error: Error | null }) {
  if (error) {
    return (
      <div className="banner tone-fail" role="alert">
        <div>
          <p className="wrap-anywhere">{error.message}</p>
          {error instanceof ApiError ? <p className="mono small quiet">{error.code}</p> : null}
        </div>
      </div>
    );
  }
  if (!tried) {
    return null;
  }
  const score = scoreOf(tried.body);
  const first = (tried.body as { predictions?: { version?: string; role?: string }[] } | null)?.predictions?.[0];
  return (
    <div className="stack-tight" role="status" aria-label="Answer">
      <div className="row">
        <Status word={tried.status < 400 ? 'OK' : 'REFUSED'} label={`HTTP ${tried.status}`} chip />
        {score === undefined ? null : (
          <span className="big" title={String(score)}>
            {metric(score)}
          </span>
        )}
        <span className="small quiet">
          {first?.version ? `${variantName(endpoint, first.version)}, ${first.role ?? ''}` : ''}
          {tried.fallback ? ` fallback: ${tried.fallback}` : ''}
          {tried.scorer ? ` by scorer ${tried.scorer}` : ''}
        </span>
      </div>
      <pre className="code-block">{pretty(tried.body)}</pre>
    </div>
  );
}

function Programs({ calling }: { calling: Calling }) {
  const [language, setLanguage] = useState('curl');
  const all = programs(calling);
  const shown = all.find((one) => one.language === language) ?? all[0];
  return shown ? (
    <section className="stack" aria-label="The same call as a program">
      <div className="spread">
        <SegmentedControl
          aria-label="Language"
          size="xs"
          value={shown.language}
          data={all.map((one) => ({ value: one.language, label: one.label }))}
          onChange={setLanguage}
        />
        <span className="row-tight small quiet">
          Copy <CopyIcon text={shown.text} label={`Copy the ${shown.label} program`} />
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="code-block" tabIndex={0}>
        {shown.text}
      </pre>
    </section>
  ) : null;
}
