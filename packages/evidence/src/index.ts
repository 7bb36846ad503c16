export * from './files.ts';
export * from './gather.ts';
export * from './given.ts';
export * from './list.ts';
