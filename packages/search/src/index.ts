export * from './visited.ts';
