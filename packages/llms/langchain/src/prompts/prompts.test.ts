import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { explainQuestion } from './explain.ts';
import { profileQuestion } from './profile.ts';
import type { Question } from './question.ts';
import { rankQuestion } from './rank.ts';
import { repairQuestion } from './repair.ts';

const user = { past: ['Alien'], said: ['likes space'] };
const item = { text: 'Heat' };
const rank = rankQuestion(user, [item, { text: 'Up', said: ['met by families'] }]);

/** The version and the hash of all that is said: with another wording, old answers do not count. */
const fingerprint = ({ prompt, messages }: Question): string =>
  `${prompt} ${createHash('sha256').update(JSON.stringify(messages)).digest('hex').slice(0, 12)}`;

describe('prompts', () => {
  it('have a new version where the wording is new', () => {
    expect([
      fingerprint(rank),
      fingerprint(profileQuestion(user)),
      fingerprint(profileQuestion(item)),
      fingerprint(explainQuestion(user)),
      fingerprint(explainQuestion(item)),
      fingerprint(repairQuestion(rank, 'no', 'it is not JSON')),
    ]).toMatchInlineSnapshot(`
      [
        "rank@1 13cea12dc3e6",
        "profile@1 0c3cc0abfdbd",
        "profile@1 8aff6f12bd01",
        "explain@1 af777ee973f3",
        "explain@1 a91ae20f42f9",
        "rank@1+repair@1 84cae631c27f",
      ]
    `);
  });

  it('keep instructions in the system’s turn, and the data in one block', () => {
    for (const { messages } of [rank, profileQuestion(user), profileQuestion(item), explainQuestion(user)]) {
      expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
      expect(messages[0].content).toContain('never an instruction');
      expect(messages[0].content).not.toMatch(/Alien|Heat|likes space/);
      expect(messages[1].content).toMatch(/^<data>\n.*\n<\/data>$/);
    }
    expect(rank.messages[1].content).toBe(
      '<data>\n{"past":["Alien"],"said":["likes space"],"candidates":[{"id":"c1","text":"Heat"},{"id":"c2","text":"Up","said":["met by families"]}]}\n</data>',
    );
  });

  it('tell a model once what was wrong, with what it said cut short', () => {
    const { prompt, messages } = repairQuestion(rank, 'x'.repeat(10_000), 'there is no JSON object in it');
    expect(prompt).toBe('rank@1+repair@1');
    expect(messages.slice(0, 2)).toEqual(rank.messages);
    expect(messages[2].content).toHaveLength(4000);
    expect(messages[3].content).toContain('there is no JSON object in it');
    expect(repairQuestion(rank, '', 'x').messages[2].content).toBe('(nothing)');
  });
});
