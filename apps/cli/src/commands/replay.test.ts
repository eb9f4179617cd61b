import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { runCommand, temporaryFolder } from '../../test/run-command.ts';
import { replayCommand } from './replay.ts';

function recordsOf(file: string): readonly Readonly<Record<string, unknown>>[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database
    .prepare('select value from records order by offset')
    .all()
    .map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>);
}

const ratings = `user,item,stars,at
ann,a,5,100
bob,b,2,50
ann,b,4,not a time
cat,a,4,75
`;

function ratingsFolder(): { readonly log: string; readonly dataset: readonly string[]; readonly folder: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ratings.csv'), ratings);
  const columns = '{ user: user, item: item, value: stars, at: at }';
  return {
    folder,
    log: join(folder, 'log.sqlite'),
    dataset: [
      '--dataset-option',
      `file=${join(folder, 'ratings.csv')}`,
      '--dataset-option',
      `columns=${columns}`,
      '--dataset-option',
      'time=seconds',
    ],
  };
}

describe('tandem replay', () => {
  it('writes a dataset in the order of time and counts the rows it could not read', async () => {
    const { log, dataset } = ratingsFolder();
    const { out, json } = await runCommand(replayCommand(), [
      'delimited',
      ...dataset,
      '--to',
      'eventLog',
      '--source-option',
      `file=${log}`,
    ]);
    expect(recordsOf(log).map(({ user, at }) => [user, at])).toEqual([
      ['bob', 50_000],
      ['cat', 75_000],
      ['ann', 100_000],
    ]);
    expect(json).toMatchObject({
      interactions: 3,
      items: 0,
      finished: true,
      rowErrors: { count: 1, first: [{ line: 4 }] },
    });
    expect(out).toMatch(/Sent 3 interactions and 0 items/);
    expect(out).toMatch(/ratings\.csv:4: /);
  });

  it('gives the same ids every time, so that a stream sent twice is learned once', async () => {
    const { log, dataset } = ratingsFolder();
    const args = ['delimited', ...dataset, '--to', 'eventLog', '--source-option', `file=${log}`];
    await runCommand(replayCommand(), args);
    await runCommand(replayCommand(), args);
    const ids = recordsOf(log).map(({ id }) => id);
    expect(ids.slice(3)).toEqual(ids.slice(0, 3));
    expect(new Set(ids).size).toBe(3);
  });

  it('leaves out what it is told to', async () => {
    const { log, dataset } = ratingsFolder();
    await runCommand(replayCommand(), [
      'delimited',
      ...dataset,
      '--min-value',
      '4',
      '--limit',
      '1',
      '--to',
      'eventLog',
      '--source-option',
      `file=${log}`,
    ]);
    expect(recordsOf(log).map(({ user }) => user)).toEqual(['cat']);
    const world = [
      'syntheticWorld',
      '--dataset-option',
      'users=20',
      '--dataset-option',
      'items=200',
      '--dataset-option',
      'events=20',
    ];
    const other = `${log}-2`;
    const { json } = await runCommand(replayCommand(), [
      ...world,
      '--no-items',
      '--to',
      'eventLog',
      '--source-option',
      `file=${other}`,
    ]);
    expect(json).toMatchObject({ interactions: 20, items: 0 });
    expect(recordsOf(other).every(({ type }) => type === undefined)).toBe(true);
  });

  it('takes dataset and source of a configuration, paths relative to it', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'run.yaml');
    writeFileSync(
      config,
      'domain: popularity\ndataset: { use: syntheticWorld, options: { users: 20, items: 200, events: 20 } }\nsource: { use: eventLog, options: { file: events.sqlite } }\n',
    );
    const { json } = await runCommand(replayCommand(), [
      'config',
      '--to',
      'config',
      '--config',
      config,
      '--set',
      'dataset.options.events=30',
    ]);
    expect(json).toMatchObject({
      dataset: '@tandem-rec/dataset-synthetic#syntheticWorld',
      interactions: 30,
      items: 200,
    });
    expect(recordsOf(join(folder, 'events.sqlite'))).toHaveLength(230);
  });

  it.each([
    [['nowhere', '--to', 'eventLog'], 'TANDEM_CONFIG_INVALID', /No installed dataset-reader is called "nowhere"/],
    [
      ['syntheticWorld', '--to', 'eventLog', '--source-option', 'fille=x'],
      'TANDEM_CONFIG_INVALID',
      /Did you mean "file"/,
    ],
    [['syntheticWorld', '--to', 'eventLog', '--source-option', 'file'], 'TANDEM_CLI_USAGE', /write key=value/],
    [['config', '--to', 'eventLog', '--dataset-option', 'users=5'], 'TANDEM_CLI_USAGE', /--set dataset\.options/],
    [
      [
        'movielens100k',
        '--dataset-option',
        'folder=/nowhere',
        '--to',
        'eventLog',
        '--source-option',
        'file=/tmp/unused.sqlite',
      ],
      'TANDEM_DATASET_MISSING',
      /nowhere/,
    ],
  ])('%j is refused with %s', async (args, code, message) => {
    await expect(runCommand(replayCommand(), args)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('explains itself', () => {
    let help = '';
    replayCommand()
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    expect(help).toContain('tandem replay movielens100k --to eventLog');
  });
});
