/** The one way to the server: every answer that is not 2xx becomes an ApiError. */

import { signInWanted } from './session';

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(status: number, code: string, message: string, field?: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/** True for a route that this server does not have (yet), as against a thing that does not exist. */
export function isMissingRoute(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'ENDPOINT_NOT_FOUND' || error.status === 405 || error.status === 501);
}

const ACTOR = 'perennial.actor';

export function rememberedActor(): string {
  try {
    return localStorage.getItem(ACTOR) ?? '';
  } catch {
    return '';
  }
}

export function rememberActor(name: string): void {
  try {
    localStorage.setItem(ACTOR, name);
  } catch {
    // A browser without storage asks again next time.
  }
}

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  actor?: string;
  signal?: AbortSignal | undefined;
}

export async function call<T>(path: string, { method = 'GET', body, actor, signal }: Call = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  if (actor !== undefined && fitsHeader(actor)) {
    headers['X-Perennial-Actor'] = actor;
  }
  let answer: Response;
  try {
    answer = await fetch(new URL(path, document.baseURI), {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(actor === undefined ? body : { ...(body as object), by: actor }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) {
      throw cause;
    }
    throw new ApiError(0, 'UNREACHABLE', 'The server does not answer. It may be stopped, restarting or busy.');
  }
  const text = await answer.text();
  if (!answer.ok) {
    if (answer.status === 401) {
      signInWanted.set(true);
    }
    throw failure(answer.status, text);
  }
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Header values are ASCII here; any other name travels as `by` in the body alone. */
const fitsHeader = (name: string) => /^[\x20-\x7e]*$/.test(name);

/** Reads both error shapes: the product's own and MLflow's. */
export function failure(status: number, text: string): ApiError {
  try {
    const body = JSON.parse(text) as {
      error?: { code?: string; message?: string; field?: string };
      error_code?: string;
      message?: string;
    };
    if (body.error?.message) {
      return new ApiError(status, body.error.code ?? String(status), body.error.message, body.error.field ?? undefined);
    }
    if (body.error_code) {
      return new ApiError(status, body.error_code, body.message ?? 'The server gave no reason.');
    }
  } catch {
    // Not JSON: a proxy or a crash answered.
  }
  return new ApiError(status, status === 404 ? 'ENDPOINT_NOT_FOUND' : `HTTP_${status}`, `The server answered ${status} without a reason.`);
}
