import { describe, expect, it } from 'vitest';
import { TandemError } from './errors.ts';
import { resolveSecret, secretSchema } from './secret.ts';

describe('Secret', () => {
  it('is the value itself, or the value of a variable', () => {
    expect(resolveSecret('plain', {})).toBe('plain');
    expect(resolveSecret({ env: 'BROKER_PASSWORD' }, { BROKER_PASSWORD: 's3cret' })).toBe('s3cret');
  });

  it('accepts an empty variable and names a missing one', () => {
    expect(resolveSecret({ env: 'EMPTY' }, { EMPTY: '' })).toBe('');
    const missing = (): string => resolveSecret({ env: 'BROKER_PASSWORD' }, {});
    expect(missing).toThrow(TandemError);
    expect(missing).toThrow(/BROKER_PASSWORD/);
  });

  it('stays a reference when it is validated', () => {
    expect(secretSchema.parse({ env: 'BROKER_PASSWORD' })).toEqual({ env: 'BROKER_PASSWORD' });
    expect(secretSchema.safeParse({ env: 'A', value: 'b' }).success).toBe(false);
  });
});
