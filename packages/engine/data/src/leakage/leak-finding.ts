/** One look for knowledge that a model must not have when it is tested. */
export interface LeakFinding {
  readonly check: string;
  /** `noted`: allowed by the protocol, but to be said beside results. `leak`: results would mean nothing. */
  readonly state: 'ok' | 'noted' | 'leak';
  /** What was looked at and found, in a sentence. */
  readonly found: string;
  /** The same for programs. */
  readonly facts: Readonly<Record<string, number>>;
  /** What to do about it. */
  readonly remedy?: string;
}

/** A share for people: `3.2 %`. */
export const shareText = (part: number, whole: number): string =>
  `${whole === 0 ? '0' : ((100 * part) / whole).toFixed(1)} %`;
