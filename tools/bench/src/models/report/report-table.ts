/** `ok`, or what is wrong with it: shown in red where there is colour. */
export const FAILINGS: readonly string[] = ['below', 'above'];

/** Whether a figure reaches a floor as it is written, to its last digit. */
export const reaches = (value: number, floor: number): boolean => Number(value.toFixed(4)) >= floor;

/** A floor without zeros at its end. */
export const digits = (value: number): string => value.toFixed(4).replace(/0+$/, '');

export const four = (value: number | undefined): string => value?.toFixed(4) ?? '';

export const seconds = (value: number | undefined): string =>
  value === undefined ? '' : value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);

export const whole = (value: number | undefined): string => value?.toFixed(0) ?? '';

/** How many times the other's figure ours is: below one is less. Nothing where the other's is too small to be told. */
export const ratio = (ours: number | undefined, other: number | undefined): string =>
  ours === undefined || other === undefined || other < 0.01 ? '' : (ours / other).toFixed(2);
