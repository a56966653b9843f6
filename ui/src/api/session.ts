import { useSyncExternalStore } from 'react';

/** Whether the server asked who this is: told by every answer 401, and ended by signing in. */
class SignInWanted {
  private wanted = false;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): boolean => this.wanted;

  set(wanted: boolean): void {
    if (this.wanted !== wanted) {
      this.wanted = wanted;
      for (const listener of this.listeners) {
        listener();
      }
    }
  }
}

export const signInWanted = new SignInWanted();

export const useSignInWanted = (): boolean => useSyncExternalStore(signInWanted.subscribe, signInWanted.current);
