const WIDTH = 120;
const HEIGHT = 28;

/** A small line without axes: the shape of a series, for a table. */
export function Spark({ values, label }: { values: (number | null)[]; label: string }) {
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) {
    return <span className="quiet">–</span>;
  }
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <path d={sparkPath(values, WIDTH, HEIGHT)} fill="none" stroke="var(--series-1)" strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  );
}

/** Breaks the line where nothing is known. */
export function sparkPath(values: (number | null)[], width: number, height: number): string {
  const known = values.filter((value): value is number => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  let path = '';
  let pen = false;
  values.forEach((value, at) => {
    if (value === null) {
      pen = false;
      return;
    }
    const x = (at / Math.max(1, values.length - 1)) * (width - 2) + 1;
    const y = height - 3 - ((value - low) / span) * (height - 6);
    path += `${pen ? 'L' : 'M'}${x.toFixed(1)},${y.toFixed(1)}`;
    pen = true;
  });
  return path;
}
