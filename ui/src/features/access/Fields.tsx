/** Who this is; the first field of a page that stands before the shell. */
export function UserField({ value, set }: { value: string; set: (value: string) => void }) {
  return (
    <label className="stack-tight">
      User
      <input
        className="field"
        autoComplete="username"
        // biome-ignore lint/a11y/noAutofocus: the page has one purpose
        autoFocus
        required
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

interface PasswordProps {
  label: string;
  /** Tells the browser which password it may fill in. */
  autoComplete: 'current-password' | 'new-password';
  value: string;
  set: (value: string) => void;
}

export function PasswordField({ label, autoComplete, value, set }: PasswordProps) {
  return (
    <label className="stack-tight">
      {label}
      <input
        className="field"
        type="password"
        autoComplete={autoComplete}
        required
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}
