import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { failure } from '../../api/client';
import { Scroll } from '../../shared/bits';
import { exact } from '../../shared/format';
import { Asked } from '../../shared/states';
import { type FileSource, fileAddress } from './source';
import { type FileKind, kindOf, parseSeparated, size as sizeText, type Table, tableOfJson } from './tables';

/** Text beyond this is not shown; the download has all of it. */
const SHOWN_BYTES = 1_000_000;
const SNIFFED = 4096;

interface Begin {
  text: string;
  /** The file ends within what was read. */
  whole: boolean;
  bytes: number;
  binary: boolean;
}

/** The begin of a file, as text. */
const beginOf = (source: FileSource, path: string) =>
  queryOptions({
    queryKey: ['file', source.kind, source.id, path],
    queryFn: async ({ signal }): Promise<Begin> => {
      const answer = await fetch(fileAddress(source, path), { headers: { Range: `bytes=0-${SHOWN_BYTES - 1}` }, signal });
      if (answer.status === 416) {
        return { text: '', whole: true, bytes: 0, binary: false };
      }
      if (!answer.ok) {
        throw failure(answer.status, await answer.text());
      }
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const total = Number(/\/(\d+)$/.exec(answer.headers.get('Content-Range') ?? '')?.[1] ?? bytes.length);
      return {
        text: new TextDecoder().decode(bytes),
        whole: bytes.length >= total,
        bytes: total,
        binary: bytes.subarray(0, SNIFFED).includes(0),
      };
    },
    staleTime: 10_000,
  });

/** What is in a file. Nothing of it is ever run: text is text, pictures are pictures. */
export function Preview({ source, path }: { source: FileSource; path: string }) {
  const kind = kindOf(path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const picture = kind === 'image' && !/\.svg$/i.test(path);
  const begin = useQuery({ ...beginOf(source, path), enabled: !picture });
  return (
    <section aria-label={`Content of ${name}`}>
      <div className="artifact-head">
        <code className="cut" title={path}>
          {path}
        </code>
        <span className="row-tight">
          {begin.data ? <span className="small quiet">{sizeText(begin.data.bytes)}</span> : null}
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconDownload size={16} stroke={2} aria-hidden />}
            renderRoot={(props) => <a href={fileAddress(source, path)} download={name} {...props} />}
          >
            Download
          </Button>
        </span>
      </div>
      {picture ? (
        <div className="artifact-picture">
          <img src={fileAddress(source, path)} alt={name} />
        </div>
      ) : (
        <Asked query={begin} what="Reading artifacts is" rows={3}>
          {(read) => <Content kind={kind} path={path} read={read} />}
        </Asked>
      )}
    </section>
  );
}

function Content({ kind, path, read }: { kind: FileKind; path: string; read: Begin }) {
  if (read.bytes === 0) {
    return <p className="panel-body quiet">The file is empty.</p>;
  }
  if (read.binary) {
    return <p className="panel-body quiet">No preview for this kind of file; download it to look into it.</p>;
  }
  if (kind === 'image' && read.whole) {
    return (
      <div className="artifact-picture">
        <img src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(read.text)}`} alt={path} />
      </div>
    );
  }
  if (kind === 'table') {
    return <TableView table={parseSeparated(read.text, /\.tsv$/i.test(path) ? '\t' : ',', read.whole)} />;
  }
  if (kind === 'json' && read.whole) {
    const value = parsed(read.text);
    const table = tableOfJson(value);
    return table ? <TableView table={table} /> : <Text text={value === undefined ? read.text : JSON.stringify(value, null, 2)} whole />;
  }
  return <Text text={read.text} whole={read.whole} />;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function Text({ text, whole }: { text: string; whole: boolean }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="artifact-text" tabIndex={0}>
        {text}
      </pre>
      {whole ? null : <p className="panel-body small quiet">The first {sizeText(SHOWN_BYTES)} are shown; the download has all.</p>}
    </>
  );
}

const isNumber = (text: string) => text !== '' && !Number.isNaN(Number(text));

function TableView({ table }: { table: Table }) {
  const numeric = table.columns.map(
    (_, at) => table.rows.length > 0 && table.rows.every((row) => (row[at] ?? '') === '' || isNumber(row[at] ?? '')),
  );
  return (
    <>
      <Scroll label="Table">
        <table className="grid artifact-table">
          <thead>
            <tr>
              {table.columns.map((column, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: names of columns may be twice in a file
                <th key={at} className={numeric[at] ? 'num' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
              <tr key={line}>
                {table.columns.map((_, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={at} className={numeric[at] ? 'num' : undefined} title={row[at]}>
                    <span className="cell-cut">{row[at] ?? ''}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p className="panel-body small quiet">
        {table.more ? `The first ${exact(table.rows.length)} rows are shown; the download has all.` : `${exact(table.rows.length)} rows`}
      </p>
    </>
  );
}
