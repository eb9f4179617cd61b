/** Where texts of some lengths stand in lines of one width. */
export interface Lines {
  readonly lines: number;
  readonly width: number;
  /** The first place of each text, counted over all lines. */
  readonly places: Int32Array;
}

/** Puts texts side by side in lines as wide as the longest; each goes to the line that it fills best. Longest first is best. */
export function packLines(lengths: readonly number[]): Lines {
  const width = lengths.reduce((most, length) => Math.max(most, length), 1);
  const places = new Int32Array(lengths.length);
  let lines = 0;
  /** Lines by the room left in them. */
  const open: number[][] = Array.from({ length: width + 1 }, () => []);
  for (const [i, length] of lengths.entries()) {
    let room = length;
    while (room < width && open[room].length === 0) room++;
    const line = open[room].pop() ?? lines++;
    places[i] = line * width + width - room;
    open[room - length].push(line);
  }
  return { lines: Math.max(1, lines), width, places };
}
