/** Where the points of a live chart stand. Pure functions. */

/** The least of 1, 2, 5 times a power of ten that holds all values; 1 when there is none. */
export function niceTop(values: (number | undefined)[]): number {
  const most = Math.max(0, ...values.filter((one): one is number => one !== undefined && Number.isFinite(one)));
  if (most === 0) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5].find((step) => step * power >= most) ?? 10) * power;
}

/** A line through the known values; it breaks where nothing is known, and a value alone is a dot. */
export function path(
  at: number[],
  values: (number | undefined)[],
  range: { from: number; to: number },
  top: number,
  width: number,
  height: number,
): string {
  let text = '';
  values.forEach((value, place) => {
    const moment = at[place];
    if (value === undefined || moment === undefined) {
      return;
    }
    const x = ((moment - range.from) / Math.max(1, range.to - range.from)) * width;
    const y = height - 2 - (Math.min(value, top) / top) * (height - 4);
    const open = place > 0 && values[place - 1] !== undefined;
    const alone = !open && values[place + 1] === undefined;
    text += `${open ? 'L' : 'M'}${x.toFixed(1)},${y.toFixed(1)}${alone ? 'h0.1' : ''}`;
  });
  return text;
}
