/** The records that the store's crash test writes and checks. */
import { defineTable } from '#store/table.ts';

export const numbered = defineTable<{ readonly id: string; readonly number: number; readonly text: string }>()('test.numbered');
export const counters = defineTable<{ readonly id: string; readonly value: number }>()('test.counter');
export const counterId = 'last';
export const here = { account: '111111111111', region: 'eu-west-1' };
export const there = { account: '222222222222', region: 'ap-northeast-1' };
