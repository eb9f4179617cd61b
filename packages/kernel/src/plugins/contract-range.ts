import { CONTRACT_VERSION } from '@tandem-rec/contract';

/**
 * Whether a range of a plugin's `tandem.contract` admits this contract: `^1.2.3`, `~1.2`, `1.2.3`, or several joined
 * by `||`. A version admits later ones of its line: the same major, or below 1.0 the same minor.
 */
export function admitsContract(range: string, version: string = CONTRACT_VERSION): boolean {
  const offered = parse(version);
  return range.split('||').some((one) => {
    const wanted = parse(one.trim().replace(/^[\^~]/, ''));
    return wanted !== undefined && offered !== undefined && sameLine(wanted, offered) && compare(wanted, offered) <= 0;
  });
}

/** Whether something made by another copy of the contract can be used with this one: both are of one line. */
export function sameContractLine(made: string, version: string = CONTRACT_VERSION): boolean {
  const [a, b] = [parse(made), parse(version)];
  return a !== undefined && b !== undefined && sameLine(a, b);
}

type Version = readonly [major: number, minor: number, patch: number];

function parse(text: string): Version | undefined {
  const match = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-+].*)?$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}

const sameLine = (a: Version, b: Version): boolean => a[0] === b[0] && (a[0] > 0 || a[1] === b[1]);

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
