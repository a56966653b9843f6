import { describe, expect, it } from 'vitest';
import { changedRoles, mayName, mayRemove } from './roles';

const person = { administrator: false, authenticated: true, roles: [] as { project: string; user: string; role: string }[] };
const maintainer = { ...person, roles: [{ project: 'fraud', user: 'ann', role: 'maintainer' }] };

describe('the roles that one may give', () => {
  it('are all for administrators, and where nobody signs in', () => {
    expect(mayName({ ...person, administrator: true }, 'fraud')).toContain('approver');
    expect(mayName({ ...person, authenticated: false }, 'fraud')).toContain('approver');
  });

  it('are all but approver for maintainers, in their own project', () => {
    expect(mayName(maintainer, 'fraud')).toEqual(['viewer', 'contributor', 'maintainer']);
    expect(mayName(maintainer, 'other')).toEqual([]);
  });

  it('are none for others', () => {
    expect(mayName(person, 'fraud')).toEqual([]);
  });
});

describe('members', () => {
  it('who are approvers are removed by administrators alone', () => {
    expect(mayRemove(mayName(maintainer, 'fraud'), ['viewer', 'maintainer'])).toBe(true);
    expect(mayRemove(mayName(maintainer, 'fraud'), ['viewer', 'approver'])).toBe(false);
    expect(mayRemove(mayName({ ...person, administrator: true }, 'fraud'), ['viewer', 'approver'])).toBe(true);
  });
});

describe('roles', () => {
  it('come and go by their boxes, in the usual order', () => {
    expect(changedRoles(['viewer', 'approver'], 'contributor')).toEqual(['viewer', 'contributor', 'approver']);
    expect(changedRoles(['viewer', 'approver'], 'viewer')).toEqual(['approver']);
  });
});
