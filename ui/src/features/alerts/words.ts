export function alertWord(kind: string): string {
  const text = kind.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
