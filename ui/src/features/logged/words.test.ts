import { describe, expect, it } from 'vitest';
import { metricName, statusOf } from './words';

describe('a logged model', () => {
  it('is ready unless it says otherwise', () => {
    expect(statusOf('LOGGED_MODEL_READY')).toEqual(['OK', 'Ready']);
    expect(statusOf(undefined)).toEqual(['OK', 'Ready']);
    expect(statusOf('LOGGED_MODEL_PENDING')).toEqual(['RUNNING', 'Being logged']);
    expect(statusOf('LOGGED_MODEL_UPLOAD_FAILED')).toEqual(['FAILED', 'Upload failed']);
  });

  it('has a metric for each data set and step, told apart by name', () => {
    expect(metricName({ key: 'auc', step: 0 })).toBe('auc');
    expect(metricName({ key: 'auc', dataset_name: 'test', step: 3 })).toBe('auc on test at step 3');
  });
});
