import { IconChevronDown, IconChevronRight, IconDownload, IconFile, IconFolder } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { tracking } from '../../api/mlflow';
import { HashText } from '../../shared/bits';
import { Asked, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { fileAddress, Preview } from './Preview';
import { size } from './tables';

interface Props {
  run: string;
  path: string | undefined;
  open: (path: string) => void;
}

/** The files of a run as a tree, and what is in the chosen one. */
export function Artifacts({ run, path, open }: Props) {
  const root = useQuery(tracking.files(run, ''));
  const keys = useListKeys();
  return (
    <Asked query={root} what="The list of artifacts is" rows={4}>
      {(found) =>
        (found.files ?? []).length === 0 && !path ? (
          <Empty title="This run logged no file">
            <p className="quiet">
              <code>mlflow.log_artifact("file")</code> puts one here.
            </p>
            {found.root_uri ? <HashText hash={found.root_uri} most={72} /> : null}
          </Empty>
        ) : (
          <div className="artifacts">
            <nav className="artifact-tree" aria-label="Artifacts">
              {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows are buttons; j and k go between them */}
              <div onKeyDown={keys}>
                <Folder run={run} path="" chosen={path} open={open} />
              </div>
            </nav>
            <div className="artifact-view">
              {path ? (
                <Preview key={path} run={run} path={path} />
              ) : (
                <div className="panel-body quiet">
                  <p>Choose a file to look into it.</p>
                  {found.root_uri ? (
                    <p className="small" style={{ marginTop: 8 }}>
                      Kept at <HashText hash={found.root_uri} most={72} />
                    </p>
                  ) : null}
                </div>
              )}
            </div>
          </div>
        )
      }
    </Asked>
  );
}

function Folder({ run, path, chosen, open }: { run: string; path: string; chosen: string | undefined; open: (path: string) => void }) {
  const files = useQuery(tracking.files(run, path));
  if (!files.data) {
    return <p className="small quiet">{files.error ? files.error.message : 'Loading …'}</p>;
  }
  const sorted = (files.data.files ?? []).toSorted(
    (a, b) => Number(b.is_dir ?? false) - Number(a.is_dir ?? false) || (a.path < b.path ? -1 : 1),
  );
  return (
    <ul className="artifact-list">
      {sorted.length === 0 ? <li className="small quiet">empty</li> : null}
      {sorted.map((file) => {
        const name = file.path.slice(file.path.lastIndexOf('/') + 1);
        return file.is_dir ? (
          <Branch key={file.path} run={run} path={file.path} name={name} chosen={chosen} open={open} />
        ) : (
          <li key={file.path} className="artifact-row">
            <button
              type="button"
              data-row
              className={`artifact-name${chosen === file.path ? ' chosen' : ''}`}
              aria-current={chosen === file.path}
              title={file.path}
              onClick={() => open(file.path)}
            >
              <IconFile size={16} stroke={2} aria-hidden />
              <span className="cut">{name}</span>
              <span className="small quiet nowrap">{size(Number(file.file_size ?? 0))}</span>
            </button>
            <a className="icon-button" href={fileAddress(run, file.path)} download={name} aria-label={`Download ${name}`}>
              <IconDownload size={16} stroke={2} aria-hidden />
            </a>
          </li>
        );
      })}
    </ul>
  );
}

interface BranchProps {
  run: string;
  path: string;
  name: string;
  chosen: string | undefined;
  open: (path: string) => void;
}

function Branch({ run, path, name, chosen, open }: BranchProps) {
  const [unfolded, setUnfolded] = useState(chosen?.startsWith(`${path}/`) ?? false);
  return (
    <li>
      <button type="button" data-row className="artifact-name" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
        {unfolded ? <IconChevronDown size={16} stroke={2} aria-hidden /> : <IconChevronRight size={16} stroke={2} aria-hidden />}
        <IconFolder size={16} stroke={2} aria-hidden />
        <span className="cut">{name}</span>
      </button>
      {unfolded ? <Folder run={run} path={path} chosen={chosen} open={open} /> : null}
    </li>
  );
}
