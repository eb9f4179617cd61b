import { savedArray, type State, type Statistics } from '@tandem-rec/contract';
import { grown } from '@tandem-rec/compute';
import { savedNumber } from './saved-number.ts';

/** Counts over everything learned so far. */
export class GrowingStatistics implements Statistics {
  users = 0;
  items = 0;
  interactions = 0;
  itemCounts = new Float32Array(16);
  userCounts = new Float32Array(16);

  /** Makes room for rows that exist but were not counted yet. */
  reserve(users: number, items: number): void {
    this.users = Math.max(this.users, users);
    this.items = Math.max(this.items, items);
    this.userCounts = grown(this.userCounts, this.users);
    this.itemCounts = grown(this.itemCounts, this.items);
  }

  count(user: number, item: number): void {
    this.interactions++;
    this.userCounts[user]++;
    this.itemCounts[item]++;
  }

  save(): State {
    return {
      version: 1,
      arrays: [
        { name: 'item-counts', shape: [this.items], owner: 'item', data: this.itemCounts.subarray(0, this.items) },
        { name: 'user-counts', shape: [this.users], owner: 'user', data: this.userCounts.subarray(0, this.users) },
      ],
      values: { interactions: this.interactions },
    };
  }

  load(state: State): void {
    this.itemCounts = savedArray(state, 'item-counts', Float32Array).slice();
    this.userCounts = savedArray(state, 'user-counts', Float32Array).slice();
    this.items = this.itemCounts.length;
    this.users = this.userCounts.length;
    this.interactions = savedNumber(state, 'interactions');
  }
}
