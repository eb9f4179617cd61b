import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { dataFolder, requireOrSkip } from '@tandem-rec/testing';
import { describe, expect, it, vi } from 'vitest';
import { idRows, splitRows } from './split-rows.ts';
import { loadSplit, SPLIT_NAMES, SPLITS } from './splits.ts';

// Of the files that a program in Python and numpy wrote, from which the peers' figures come.
const MD5 = {
  S1: {
    items: 'd312f365a8fac1b04c95d5f7d8b387ac',
    test: '7d9f2bc4d77465073fb8321f0bc29b18',
    train: 'f7667b19b78afd0d713d180cff909a45',
    users: '4955b1d35967666772d5fc2ac6217af6',
    valid: '406ace7017b11873712f0da20251b7af',
  },
  S2: {
    items: '26d726e728519e3311eba14481f04bb3',
    test: '9735b2624c3a658c67a77968c0cb75bc',
    train: 'be023de584f899c9b8388a0f3f900381',
    users: '7492948d11e84ad852466109c577a7bf',
    valid: '48130d44b26d72af7e38b00759dbbec2',
  },
  S3: {
    items: 'fd4166b24e14bf264dc293367c967e10',
    test: 'cd02d2dd2e9f08f357957906cdf41e65',
    train: '33ffd1d23f731f905555c88794f47aaa',
    users: 'f6b6c193faf079dde93df095556a9cf9',
    valid: 'f6e0cd49cb69ff356c21d32884c7d843',
  },
  S4: {
    items: '4e92c39ef697a537da11f7fd2cace501',
    test: '9c31f31f390358b3ab60e422d44cdd41',
    train: 'fe1710c349f4cf43f9a1c2ae74a0f60d',
    users: '6cb15fba5ef6e0b5e33fa51ce7a81bed',
    valid: undefined,
  },
};
const FOLDERS = { S1: 'ml-100k', S2: 'ml-100k', S3: 'amazon-beauty', S4: 'gowalla' };

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe.each(SPLIT_NAMES)('%s', (name) => {
  const { available } = requireOrSkip('data', FOLDERS[name]);
  it.skipIf(!available)(`${SPLITS[name].summary}: has the rows that the peers were measured on`, async () => {
    vi.stubEnv('TANDEM_DATA', dirname(dataFolder('any')));
    const split = await loadSplit(name);
    expect({
      users: md5(idRows(split.table.userIds)),
      items: md5(idRows(split.table.itemIds)),
      train: md5(splitRows(split, 'train')),
      valid: split.valid.length > 0 ? md5(splitRows(split, 'valid')) : undefined,
      test: md5(splitRows(split, 'test')),
    }).toEqual(MD5[name]);
  });
});
