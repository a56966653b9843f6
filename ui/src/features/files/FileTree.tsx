import { IconChevronDown, IconChevronRight, IconCube, IconDownload, IconExternalLink, IconFile, IconFolder } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { tracking } from '../../api/mlflow';
import { HashText } from '../../shared/bits';
import { Asked, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { Preview } from './Preview';
import { type FileSource, fileAddress, filesOf, sameSource } from './source';
import { size } from './tables';

export interface Chosen {
  source: FileSource;
  path: string;
}

interface Props {
  source: FileSource;
  /** Logged models whose files are shown beside. */
  models?: string[];
  chosen: Chosen | undefined;
  open: (chosen: Chosen) => void;
  none: ReactNode;
}

/** Files as a tree, and what is in the chosen one. */
export function FileTree({ source, models = [], chosen, open, none }: Props) {
  const root = useQuery(filesOf(source, ''));
  const keys = useListKeys();
  return (
    <Asked query={root} what="The list of artifacts is" rows={4}>
      {(found) =>
        (found.files ?? []).length === 0 && models.length === 0 && !chosen ? (
          <>
            {none}
            {found.root_uri ? <KeptAt uri={found.root_uri} /> : null}
          </>
        ) : (
          <div className="artifacts">
            <nav className="artifact-tree" aria-label="Artifacts">
              {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows are buttons; j and k go between them */}
              <div onKeyDown={keys}>
                {models.length > 0 ? (
                  <ul className="artifact-list">
                    {models.map((id) => (
                      <ModelBranch key={id} id={id} chosen={chosen} open={open} />
                    ))}
                  </ul>
                ) : null}
                {(found.files ?? []).length > 0 || models.length === 0 ? (
                  <Folder source={source} path="" chosen={chosen} open={open} />
                ) : null}
              </div>
            </nav>
            <div className="artifact-view">
              {chosen ? (
                <Preview key={`${chosen.source.id} ${chosen.path}`} source={chosen.source} path={chosen.path} />
              ) : (
                <>
                  <p className="panel-body quiet">Choose a file to look into it.</p>
                  {found.root_uri ? <KeptAt uri={found.root_uri} /> : null}
                </>
              )}
            </div>
          </div>
        )
      }
    </Asked>
  );
}

function KeptAt({ uri }: { uri: string }) {
  return (
    <p className="panel-body small quiet kept-at">
      Kept at <HashText hash={uri} most={72} />
    </p>
  );
}

interface FolderProps {
  source: FileSource;
  path: string;
  chosen: Chosen | undefined;
  open: (chosen: Chosen) => void;
}

const isWithin = (chosen: Chosen | undefined, source: FileSource, path: string) =>
  chosen !== undefined && sameSource(chosen.source, source) && chosen.path.startsWith(path === '' ? '' : `${path}/`);

function Folder({ source, path, chosen, open }: FolderProps) {
  const files = useQuery(filesOf(source, path));
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
        const here = isWithin(chosen, source, '') && chosen?.path === file.path;
        return file.is_dir ? (
          <li key={file.path}>
            <Branch source={source} path={file.path} chosen={chosen} open={open} icon={<IconFolder size={16} stroke={2} aria-hidden />}>
              {name}
            </Branch>
          </li>
        ) : (
          <li key={file.path} className="artifact-row">
            <button
              type="button"
              data-row
              className={`artifact-name${here ? ' chosen' : ''}`}
              aria-current={here}
              title={file.path}
              onClick={() => open({ source, path: file.path })}
            >
              <IconFile size={16} stroke={2} aria-hidden />
              <span className="cut">{name}</span>
              <span className="small quiet nowrap">{size(Number(file.file_size ?? 0))}</span>
            </button>
            <a className="icon-button" href={fileAddress(source, file.path)} download={name} aria-label={`Download ${name}`}>
              <IconDownload size={16} stroke={2} aria-hidden />
            </a>
          </li>
        );
      })}
    </ul>
  );
}

/** A logged model of a run: its files are its own, not the run's. */
function ModelBranch({ id, chosen, open }: { id: string; chosen: Chosen | undefined; open: (chosen: Chosen) => void }) {
  const model = useQuery(tracking.loggedModel(id));
  const name = model.data?.model.info.name ?? id;
  return (
    <li>
      <Branch
        source={{ kind: 'model', id }}
        path=""
        chosen={chosen}
        open={open}
        icon={<IconCube size={16} stroke={2} aria-hidden />}
        side={
          <Link
            to="/logged-models/$model"
            params={{ model: id }}
            className="icon-button"
            aria-label={`Page of the model ${name}`}
            title={`Page of the model ${name}`}
          >
            <IconExternalLink size={16} stroke={2} aria-hidden />
          </Link>
        }
      >
        {name} <span className="small quiet">logged model</span>
      </Branch>
    </li>
  );
}

interface BranchProps extends FolderProps {
  icon: ReactNode;
  side?: ReactNode;
  children: ReactNode;
}

function Branch({ source, path, chosen, open, icon, side, children }: BranchProps) {
  const [unfolded, setUnfolded] = useState(isWithin(chosen, source, path));
  return (
    <>
      <div className="artifact-row">
        <button type="button" data-row className="artifact-name" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
          {unfolded ? <IconChevronDown size={16} stroke={2} aria-hidden /> : <IconChevronRight size={16} stroke={2} aria-hidden />}
          {icon}
          <span className="cut">{children}</span>
        </button>
        {side}
      </div>
      {unfolded ? <Folder source={source} path={path} chosen={chosen} open={open} /> : null}
    </>
  );
}

/** What a run without files says. */
export function NoFiles() {
  return (
    <Empty title="This run logged no file">
      <p className="quiet">
        <code>mlflow.log_artifact("file")</code> puts one here.
      </p>
    </Empty>
  );
}
