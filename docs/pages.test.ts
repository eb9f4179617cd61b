import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeRecord } from '@tandem-rec/data';
import { compose, discoverPlugins, loadConfig } from '@tandem-rec/kernel';
import { afterAll, describe, expect, it } from 'vitest';

const docs = fileURLToPath(new URL('.', import.meta.url));
const root = dirname(join(docs, '.'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
  /** The file that it must equal, relative to the page. */
  readonly file: string | undefined;
}

const PAGES = [
  'README.md',
  ...['', 'models/', 'sharing/'].flatMap((folder) =>
    readdirSync(join(docs, folder)).flatMap((name) => (name.endsWith('.md') ? [`docs/${folder}${name}`] : [])),
  ),
];
const BLOCKS: readonly Block[] = PAGES.flatMap((page) =>
  [...read(page).matchAll(/(?:<!-- file: (\S+) -->\n\n)?^```(\w*)\n(.*?)^```$/gms)].map(
    ([, file, language, text]): Block => ({ page, language, text, file }),
  ),
);
const blocks = (language: string, fits: (text: string) => boolean = () => true): readonly Block[] =>
  BLOCKS.filter((block) => block.language === language && fits(block.text));

/** The anchors of a page's headings, as hosts of Markdown make them. */
const anchorsOf = (page: string): readonly string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('every page', () => {
  it.each(PAGES)('%s links to what is there', (page) => {
    const prose = read(page).replaceAll(/^```.*?^```$/gms, '');
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to).filter((to) => !/^https?:/.test(to));
    const broken = links.filter((to) => {
      const [path, anchor] = to.split('#');
      const target = path === '' ? page : relative(root, join(root, dirname(page), path));
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('shows files as they are', () => {
    const shown = BLOCKS.filter(({ file }) => file !== undefined);
    expect(shown.length).toBeGreaterThan(3);
    for (const { page, file, text } of shown) expect(text, `${page}: ${file}`).toBe(read(join(dirname(page), file!)));
  });

  it('runs scripts, commands and options that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const shared = read('apps/cli/src/shared-options.ts');
    const wrong = blocks('sh')
      .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
      .filter((line) => {
        const [, script] = /npm (?:run )?(\w+)/.exec(line.replace('npm install', '')) ?? [];
        if (script !== undefined && script !== 'publish' && !(script in scripts)) return true;
        const [, command, rest = ''] = /npm (?:run tandem -- |(?=start))(\w+)(.*)/.exec(line) ?? [];
        if (command === undefined) return false;
        const file = `apps/cli/src/commands/${command}.ts`;
        const flags = [...rest.replace(/#.*/, '').matchAll(/ (--\w[\w-]*)/g)].map(([, flag]) => flag);
        return !existsSync(join(root, file)) || flags.some((flag) => !`${read(file)}${shared}`.includes(flag));
      });
    expect(wrong).toEqual([]);
  });
});

describe('what a page says of configurations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-docs-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(blocks('yaml', (text) => /^domain:/m.test(text) && !text.includes('myModel')))(
    '$page: a configuration in YAML composes',
    async ({ text }) => {
      const file = join(folder, 'tandem.config.yaml');
      // A part of a configuration may be shown alone.
      writeFileSync(file, text);
      await expect(compose(await loadConfig(file, { env: {} }))).resolves.toHaveProperty('hash');
    },
  );

  it('README.md names every plugin that is here', async () => {
    const { plugins, rejected } = await discoverPlugins(root);
    expect(rejected).toEqual([]);
    const page = read('README.md');
    expect(plugins.map(({ export: name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('what kafka.md says of records', () => {
  it.each(blocks('json', (text) => /"(user|type)":/.test(text)))('is how they are read: $text', ({ text }) => {
    const rules = { notBeforeMs: 0, notAfterMs: Infinity };
    expect(decodeRecord(text, rules).type).toBe(text.includes('"type"') ? 'item' : 'interaction');
  });
});
