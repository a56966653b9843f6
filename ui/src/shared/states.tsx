import { ActionIcon, Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconAlertCircle, IconCheck, IconCopy, IconInbox, IconPlugConnectedX } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { Component, type ReactNode } from 'react';
import { ApiError, isMissingRoute } from '../api/client';

/** Grey bars in the shape of what is coming. */
export function Bones({ rows = 4, height = 18 }: { rows?: number; height?: number }) {
  return (
    <div className="panel-body stack" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike
        <div key={row} className="bone" style={{ height, width: `${100 - ((row * 17) % 45)}%` }} />
      ))}
    </div>
  );
}

export function Empty({ title, children, icon }: { title: string; children?: ReactNode; icon?: ReactNode }) {
  return (
    <div className="state">
      <span className="state-icon">{icon ?? <IconInbox size={28} stroke={1.75} aria-hidden />}</span>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

export function ErrorState({ error, retry, back }: { error: unknown; retry?: () => void; back?: ReactNode }) {
  const known = error instanceof ApiError ? error : undefined;
  return (
    <div className="state" role="alert">
      <span className="status tone-fail">
        <IconAlertCircle size={28} stroke={1.75} aria-hidden />
      </span>
      <h3 className="wrap-anywhere">{known ? known.message : 'Something went wrong on this page.'}</h3>
      <p className="quiet">{hint(known)}</p>
      <p className="mono small quiet">
        {known
          ? `${known.code}${known.status > 0 ? ` · HTTP ${known.status}` : ''}${known.field ? ` · ${known.field}` : ''}`
          : String(error)}
      </p>
      {retry ? (
        <Button variant="default" onClick={retry}>
          Try again
        </Button>
      ) : null}
      {back ? <p>{back}</p> : null}
    </div>
  );
}

function hint(error: ApiError | undefined): string {
  if (!error) {
    return 'Reload the page. If it comes back, the message below helps whoever looks into it.';
  }
  if (error.status === 0) {
    return 'Start it with “./perennial server”, or wait: this page asks again by itself.';
  }
  if (error.status === 404) {
    return 'It may have been deleted or renamed, it belongs to a replay that was removed, or your rights do not reach it.';
  }
  if (error.status === 403) {
    return 'Your rights do not reach this far. A maintainer of the project or an administrator can grant more.';
  }
  return error.status >= 500 ? 'The server’s log has the reason.' : 'Nothing was changed.';
}

export function NotAvailable({ what }: { what: string }) {
  return (
    <Empty title={`${what} not available`} icon={<IconPlugConnectedX size={28} stroke={1.75} aria-hidden />}>
      <p className="quiet">This server does not offer it. Another release may; nothing is hidden or lost.</p>
    </Empty>
  );
}

/** Lets one panel fail alone when an answer is not of the shape that it expects; the next answer is tried again. */
class PanelGuard extends Component<{ data: unknown; children: ReactNode }, { error: unknown; at: unknown }> {
  override state = { error: undefined as unknown, at: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps(props: { data: unknown }, state: { error: unknown; at: unknown }) {
    return props.data === state.at ? null : { error: undefined, at: props.data };
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <ErrorState error={this.state.error} />;
  }
}

/** Renders inside the guard, so that the guard catches what rendering throws. */
function Shown<T>({ render, data }: { render: (data: T) => ReactNode; data: T }) {
  return render(data);
}

interface AskedProps<T> {
  query: UseQueryResult<T>;
  what: string;
  rows?: number;
  /** Where to go instead, when there is no answer. */
  back?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Shows a query's answer, or honestly why there is none. Old data stay while new ones are asked for. */
export function Asked<T>({ query, what, rows, back, children }: AskedProps<T>) {
  if (query.data !== undefined) {
    return (
      <PanelGuard data={query.data}>
        <div className={query.isPlaceholderData ? 'dimmed' : undefined}>
          <Shown render={children} data={query.data} />
        </div>
      </PanelGuard>
    );
  }
  if (query.isError) {
    return isMissingRoute(query.error) ? (
      <NotAvailable what={what} />
    ) : (
      <ErrorState error={query.error} retry={() => void query.refetch()} back={back} />
    );
  }
  return <Bones {...(rows === undefined ? {} : { rows })} />;
}

export function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <code>{text}</code>
      <CopyIcon text={text} label={`Copy “${text}”`} />
    </div>
  );
}

export function CopyIcon({ text, label }: { text: string; label: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={clipboard.copied ? 'Copied' : label} onClick={() => clipboard.copy(text)}>
      {clipboard.copied ? <IconCheck size={16} stroke={2} aria-hidden /> : <IconCopy size={16} stroke={2} aria-hidden />}
    </ActionIcon>
  );
}
