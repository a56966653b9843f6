import { describe, expect, it } from 'vitest';
import { fileAddress, filePath, sameSource } from './source';

describe('the address of a file', () => {
  it('of a run names the run and quotes the path', () => {
    expect(filePath({ kind: 'run', id: 'ab12' }, 'a b/ü&.txt')).toBe('get-artifact?run_id=ab12&path=a%20b%2F%C3%BC%26.txt');
  });

  it('of a logged model names the model', () => {
    expect(filePath({ kind: 'model', id: 'm-1' }, 'MLmodel')).toBe(
      'ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=MLmodel',
    );
  });

  it('lies below the base address, also behind a proxy', () => {
    const base = document.createElement('base');
    base.href = 'http://proxy.example/team/ml/';
    document.head.append(base);
    expect(fileAddress({ kind: 'run', id: 'a' }, 'x')).toBe('http://proxy.example/team/ml/get-artifact?run_id=a&path=x');
    base.remove();
  });
});

describe('places of files', () => {
  it('are the same when kind and id are', () => {
    expect(sameSource({ kind: 'run', id: 'a' }, { kind: 'run', id: 'a' })).toBe(true);
    expect(sameSource({ kind: 'run', id: 'a' }, { kind: 'model', id: 'a' })).toBe(false);
  });
});
