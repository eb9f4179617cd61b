import { describe, expect, it } from 'vitest';
import { renderErrorTable } from '../test/error-table.ts';
import { ERRORS, TandemError } from './errors.ts';

describe('ERRORS', () => {
  it('is the page of the documentation (`vitest run packages/contract -u` writes it)', async () => {
    await expect(renderErrorTable()).toMatchFileSnapshot('../../../docs/errors.md');
  });

  it.each(Object.entries(ERRORS))('%s says what it means and what to do, in sentences', (code, { summary, remedy }) => {
    expect(code).toMatch(/^TANDEM_[A-Z]+(_[A-Z]+)+$/);
    expect(summary).toMatch(/^\p{Lu}.*\.$/u);
    expect(remedy).toMatch(/^\p{Lu}.*\.$/u);
  });
});

describe('TandemError', () => {
  it('takes its remedy from the table, unless the place knows better', () => {
    expect(new TandemError('TANDEM_RUN_LOCKED', 'Locked by 12.').remedy).toBe(ERRORS.TANDEM_RUN_LOCKED.remedy);
    expect(new TandemError('TANDEM_RUN_LOCKED', 'Locked by 12.', { remedy: 'Wait.' }).remedy).toBe('Wait.');
  });

  it('is known by its mark, which another copy of the package has too', () => {
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('@tandem-rec/contract/TandemError'), {
      value: true,
    });
    expect(TandemError.is(foreign)).toBe(true);
    expect(TandemError.is(new Error('x'))).toBe(false);
  });
});
