/** `2.5 s`, `40 s`, `12 min`, `3.5 h`. */
export const durationText = (seconds: number): string =>
  seconds < 100
    ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
    : seconds < 6000
      ? `${(seconds / 60).toFixed(0)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
