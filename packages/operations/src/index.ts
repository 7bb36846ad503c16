export * from './cell.ts';
export { against } from './matrix.ts';
export * from './operation.ts';
export * from './orders.ts';
export * from './question.ts';
export * from './recipes/index.ts';
export * from './stage/stage.ts';
export * from './stage/workload.ts';
