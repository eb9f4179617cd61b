import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCommand, temporaryFolder } from '../../test/run-command.ts';
import { schemaCommand } from './schema.ts';

/** A package with a plugin that takes an option `depth`. */
function installPlugin(folder: string, name: string, code: string): void {
  const at = join(folder, 'node_modules', name);
  mkdirSync(at, { recursive: true });
  const tandem = { contract: '^0.1.0', plugins: { deep: { kind: 'domain-model', summary: 'Deep.' } } };
  writeFileSync(
    join(at, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js', tandem }),
  );
  writeFileSync(join(at, 'index.js'), code);
}

const contract = import.meta.resolve('@tandem-rec/contract');

describe('tandem schema', () => {
  it('holds the options of what is installed, and names what cannot be loaded', async () => {
    const folder = temporaryFolder();
    installPlugin(
      folder,
      'tandem-deep',
      `import { defineDomainModel, z } from '${contract}';
       export const deep = defineDomainModel({ id: 'tandem-deep#deep', summary: 'Deep.', gives: [], takes: [], create: () => ({}),
         options: z.strictObject({ depth: z.int().describe('How deep.') }) });`,
    );
    installPlugin(folder, 'tandem-broken', 'throw new Error("sunk");');
    const spy = vi.spyOn(process, 'cwd').mockReturnValue(folder);
    onTestFinished(() => spy.mockRestore());

    const file = join(folder, 'schema.json');
    const { err, out } = await runCommand(schemaCommand(), ['--out', file], { json: false });
    const schema = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly definitions: Record<string, { readonly properties?: object }>;
    };
    expect(schema.definitions['tandem-deep.deep']).toMatchObject({
      properties: { depth: { type: 'integer', description: 'How deep.' } },
    });
    expect(Object.keys(schema.definitions)).toContain('tandem-rec.source-event-log.eventLog');
    expect(err).toMatch(/Left out: tandem-broken#deep: .*sunk/);
    expect(out).toBe('');
  });

  it('says so where it cannot write', async () => {
    const file = join(temporaryFolder(), 'missing', 'schema.json');
    await expect(runCommand(schemaCommand(), ['--out', file], { json: false })).rejects.toMatchObject({
      code: 'TANDEM_CLI_USAGE',
    });
  });
});
