import { queryOptions } from '@tanstack/react-query';
import { failure } from '../../api/client';
import { Scroll } from '../../shared/bits';
import { type ModelColumn, type ModelFile, readModelFile } from './modelFile';

/** The MLmodel file at an address below the base, read as text; null when there is none. */
export const modelFileAt = (address: string) =>
  queryOptions({
    queryKey: ['registry', 'file', address],
    queryFn: async ({ signal }): Promise<ModelFile | null> => {
      const answer = await fetch(new URL(address, document.baseURI), { signal });
      if (answer.status === 404 || answer.status === 400) {
        return null;
      }
      const text = await answer.text();
      if (!answer.ok) {
        throw failure(answer.status, text);
      }
      return readModelFile(text);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What a model takes and gives. */
export function Signature({ file }: { file: ModelFile }) {
  return (
    <div className="signature-box">
      <p className="panel-body small quiet">
        {file.flavors.length > 0 ? `Flavours: ${file.flavors.join(', ')}.` : 'No flavour is named.'}
        {file.inputs.length === 0 ? ' The model was logged without a signature.' : ''}
      </p>
      <Columns title="Takes" columns={file.inputs} />
      <Columns title="Gives" columns={file.outputs} />
      <Columns title="Params" columns={file.params} />
    </div>
  );
}

function Columns({ title, columns }: { title: string; columns: ModelColumn[] }) {
  return columns.length === 0 ? null : (
    <Scroll label={title}>
      <table className="grid signature">
        <thead>
          <tr>
            <th>{title}</th>
            <th>Type</th>
            <th>
              <span className="hidden-text">Needed</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column.name || column.type}>
              <td className="mono">{column.name === '' ? <span className="quiet">without a name</span> : column.name}</td>
              <td className="mono">{column.type}</td>
              <td className="small quiet">{column.required ? '' : 'may be absent'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
