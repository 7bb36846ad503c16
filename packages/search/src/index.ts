export * from './cell.ts';
export * from './fingerprint.ts';
export * from './queue.ts';
export * from './trail.ts';
export * from './visited.ts';
