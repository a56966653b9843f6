import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type DatasetInput, type Run, tracking } from '../../api/mlflow';
import { HashText } from '../../shared/bits';
import { exact } from '../../shared/format';
import { pairs, type RunRow } from '../runs/tracking';

/** The data sets that a run read. */
export function DataInputs({ run }: { run: Run }) {
  const inputs = run.inputs?.dataset_inputs ?? [];
  const models = run.inputs?.model_inputs ?? [];
  if (inputs.length === 0 && models.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>Inputs</h2>
      <div className="cards">
        {inputs.map((input) => (
          <Dataset key={`${input.dataset.name} ${input.dataset.digest}`} input={input} />
        ))}
        {models.map((model) => (
          <ModelCard key={model.model_id} id={model.model_id} step={undefined} />
        ))}
      </div>
    </section>
  );
}

function Dataset({ input }: { input: DatasetInput }) {
  const { dataset } = input;
  const context = pairs(input.tags)['mlflow.data.context'];
  const columns = columnsOf(dataset.schema);
  const rows = rowsOf(dataset.profile);
  return (
    <div className="card">
      <div className="spread">
        <span className="strong wrap-anywhere">{dataset.name}</span>
        {context ? <span className="tag">{context}</span> : null}
      </div>
      <div className="small quiet">
        {dataset.source_type} · {rows === undefined ? '' : `${exact(rows)} rows · `}digest <code>{dataset.digest}</code>
      </div>
      <div className="small mono wrap-anywhere">{sourceText(dataset.source)}</div>
      {columns.length > 0 ? (
        <details>
          <summary>
            {columns.length} {columns.length === 1 ? 'column' : 'columns'}
          </summary>
          <p className="small mono wrap-anywhere">{columns.map((column) => `${column.name}: ${column.type}`).join(' · ')}</p>
        </details>
      ) : null}
    </div>
  );
}

function json(text: string | undefined): unknown {
  try {
    return text === undefined || text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names and types of a data set's schema as MLflow's clients write it. */
export function columnsOf(schema: string | undefined): { name: string; type: string }[] {
  const columns = (json(schema) as { mlflow_colspec?: unknown } | undefined)?.mlflow_colspec;
  return Array.isArray(columns)
    ? columns.map((one: { name?: string; type?: unknown }, at) => ({ name: String(one.name ?? at), type: typeText(one.type) }))
    : [];
}

const typeText = (type: unknown) => (typeof type === 'string' ? type : JSON.stringify(type));

function rowsOf(profile: string | undefined): number | undefined {
  const rows = (json(profile) as { num_rows?: unknown } | undefined)?.num_rows;
  return typeof rows === 'number' ? rows : undefined;
}

/** Where a data set came from: the one address in its JSON, or all of it. */
export function sourceText(source: string): string {
  const value = json(source);
  if (typeof value === 'object' && value !== null) {
    const { uri, url, path } = value as Record<string, unknown>;
    const address = [uri, url, path].find((one) => typeof one === 'string');
    if (typeof address === 'string') {
      return address;
    }
  }
  return source;
}

interface LoggedByTag {
  artifact_path?: string;
  model_uuid?: string;
  utc_time_created?: string;
}

/** What a run made: logged models, and the versions that were registered from it. */
export function Outputs({ run, row }: { run: Run; row: RunRow }) {
  const versions = useQuery(tracking.versionsOfRun(row.id));
  const outputs = run.outputs?.model_outputs ?? [];
  const history = json(row.tags['mlflow.log-model.history']);
  const older = outputs.length === 0 && Array.isArray(history) ? (history as LoggedByTag[]) : [];
  // A version of a logged model stands on that model's card.
  const registered = (versions.data ?? []).filter((version) => !outputs.some((output) => output.model_id === version.model_id));
  if (outputs.length === 0 && older.length === 0 && registered.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>Outputs</h2>
      <div className="cards">
        {outputs.map((output) => (
          <ModelCard key={output.model_id} id={output.model_id} step={output.step} />
        ))}
        {older.map((one) => (
          <div className="card" key={one.model_uuid ?? one.artifact_path}>
            <span className="strong">{one.artifact_path}</span>
            <div className="small quiet">
              Logged model · <FilesLink run={row.id} path={one.artifact_path ?? ''} />
            </div>
          </div>
        ))}
        {registered.map((version) => (
          <div className="card" key={`${version.name} ${version.version}`}>
            <Link to="/registry/$name/$version" params={{ name: version.name, version: version.version }} className="strong">
              {version.name} version {version.version}
            </Link>
            <div className="small quiet">Registered from this run</div>
          </div>
        ))}
      </div>
    </section>
  );
}

function FilesLink({ run, path }: { run: string; path: string }) {
  return (
    <Link to="/runs/$run" params={{ run }} search={{ view: 'artifacts', path: `${path}/MLmodel` }}>
      files
    </Link>
  );
}

/** A logged model, by its id; its name comes when the server has it. */
function ModelCard({ id, step }: { id: string; step: number | undefined }) {
  const model = useQuery(tracking.loggedModel(id));
  const info = model.data?.model.info;
  return (
    <div className="card">
      <Link to="/logged-models/$model" params={{ model: id }} className="strong wrap-anywhere">
        {info?.name ?? 'Logged model'}
      </Link>
      <div className="small quiet">
        {info?.model_type ? `${info.model_type} · ` : ''}
        {step ? `step ${step} · ` : ''}
        <HashText hash={id} most={18} />
      </div>
      {(info?.registrations ?? []).map((one) => (
        <div key={`${one.name} ${one.version}`} className="small">
          <Link to="/registry/$name/$version" params={{ name: one.name, version: one.version }}>
            {one.name} version {one.version}
          </Link>
        </div>
      ))}
    </div>
  );
}
