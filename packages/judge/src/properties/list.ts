// The properties: one line each, and nothing else to edit. Their order is that of the cards' gravity.
export * as context from './context.ts';
export * as corrupt from './corrupt.ts';
export * as dishonest from './dishonest.ts';
export * as double from './double.ts';
export * as early from './early.ts';
export * as freed from './freed.ts';
export * as late from './late.ts';
export * as lost from './lost.ts';
export * as stray from './stray.ts';
export * as stuck from './stuck.ts';
export * as unbounded from './unbounded.ts';
export * as unmarked from './unmarked.ts';
export * as written from './written.ts';
