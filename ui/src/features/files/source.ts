import { tracking } from '../../api/mlflow';

/** Where files are: those of a run, or those of a logged model, which has a place of its own. */
export interface FileSource {
  kind: 'run' | 'model';
  id: string;
}

/** The files of one folder. */
export const filesOf = ({ kind, id }: FileSource, path: string) =>
  kind === 'run' ? tracking.files(id, path) : tracking.modelFiles(id, path);

/** Where a file is read, below the base address. */
export function filePath({ kind, id }: FileSource, path: string): string {
  return kind === 'run'
    ? `get-artifact?run_id=${encodeURIComponent(id)}&path=${encodeURIComponent(path)}`
    : `ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(id)}/artifacts/files?artifact_file_path=${encodeURIComponent(path)}`;
}

export const fileAddress = (source: FileSource, path: string): string => new URL(filePath(source, path), document.baseURI).toString();

export const sameSource = (a: FileSource, b: FileSource): boolean => a.kind === b.kind && a.id === b.id;
