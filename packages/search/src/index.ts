export * from './cell.ts';
export * from './visited.ts';
