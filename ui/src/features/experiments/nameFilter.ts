/** A filter of MLflow for a part of a name; empty for all. The characters of patterns stand for themselves only as far as LIKE lets them. */
export function nameFilter(key: string, part: string): string {
  const wanted = part.trim();
  if (wanted === '') {
    return '';
  }
  const quote = wanted.includes("'") ? '"' : "'";
  return `${key} ILIKE ${quote}%${wanted.replaceAll(quote, '_')}%${quote}`;
}
