import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { Page } from './types';

export interface Member {
  project: string;
  user: string;
  role: string;
}

/** All roles of one person in one project. */
export interface Membership {
  user: string;
  roles: string[];
}

export interface Project {
  name: string;
  description: string;
  createdAt: number;
}

export interface Grant {
  user: string;
  kind: string;
  object: string;
  permission: string;
}

export interface Rights {
  administrator: boolean;
  roles: Member[];
  grants: Grant[];
}

/** Who the server says that I am. Without access control nobody is authenticated. */
export interface Me extends Rights {
  user: string;
  authenticated: boolean;
  how: string;
  project: string;
}

export interface Account {
  name: string;
  kind: 'person' | 'service';
  administrator: boolean;
  disabled: boolean;
  defaultProject: string | null;
  createdAt: number;
}

export interface AccessToken {
  id: string;
  name: string;
  project: string | null;
  role: string | null;
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  revokedAt: number | null;
}

export const ROLES = ['viewer', 'contributor', 'maintainer', 'approver'] as const;
export const PASSWORD_LEAST = 12;
export const PASSWORD_MOST = 128;

const project = (name: string) => `api/access/projects/${encodeURIComponent(name)}`;
const user = (name: string) => `api/access/users/${encodeURIComponent(name)}`;

export const access = {
  me: () => queryOptions({ queryKey: ['access', 'me'], queryFn: ({ signal }) => call<Me>('api/access/me', { signal }), staleTime: 60_000 }),
  users: () => queryOptions({ queryKey: ['access', 'users'], queryFn: ({ signal }) => everyPage<Account>('api/access/users', signal) }),
  user: (name: string) =>
    queryOptions({ queryKey: ['access', 'users', name], queryFn: ({ signal }) => call<Account & Rights>(user(name), { signal }) }),
  tokens: () =>
    queryOptions({
      queryKey: ['access', 'tokens'],
      queryFn: async ({ signal }) => (await call<Page<AccessToken>>('api/access/tokens', { signal })).items,
    }),
  projects: () =>
    queryOptions({
      queryKey: ['access', 'projects'],
      queryFn: async ({ signal }) => (await call<Page<Project>>('api/access/projects', { signal })).items,
    }),
  members: (name: string) =>
    queryOptions({
      queryKey: ['access', 'members', name],
      queryFn: ({ signal }) => everyPage<Membership>(`${project(name)}/members`, signal),
    }),
};

async function everyPage<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let next: string | null | undefined = '';
  while (next !== null && next !== undefined) {
    const more: string = next === '' ? '' : `&page_token=${encodeURIComponent(next)}`;
    const page: Page<T> = await call<Page<T>>(`${path}?limit=200${more}`, { signal });
    all.push(...page.items);
    next = page.next;
  }
  return all;
}

const post = <T>(path: string, body: unknown) => call<T>(path, { method: 'POST', body });

export const signIn = (name: string, password: string) => post('api/access/session', { user: name, password });
export const signOut = () => call('api/access/session', { method: 'DELETE' });
export const setUp = (secret: string, name: string, password: string) => post('api/access/set-up', { secret, user: name, password });
export const addUser = (body: { name: string; password: string; administrator: boolean; role: string }) =>
  post<Account>('api/access/users', body);
export const updateUser = (name: string, change: { password?: string; administrator?: boolean; disabled?: boolean }) =>
  post<Account>(`${user(name)}/update`, change);
export const createToken = (body: { name: string; project: string; role: string; days: number }) =>
  post<AccessToken & { token: string }>('api/access/tokens', body);
export const revokeToken = (id: string) => post(`api/access/tokens/${encodeURIComponent(id)}/revoke`, {});
/** Gives somebody exactly these roles in a project. */
export const setRoles = (name: string, member: string, roles: string[]) =>
  call<Membership>(`${project(name)}/members/${encodeURIComponent(member)}`, { method: 'PUT', body: { roles } });
export const removeMember = (name: string, member: string) =>
  call(`${project(name)}/members/${encodeURIComponent(member)}`, { method: 'DELETE' });
export const changePassword = (current: string, password: string) => post('api/access/password', { current, password });
