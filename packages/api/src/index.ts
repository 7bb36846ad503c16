// lastref as a library. What a design needs is the seam's; the rest are six functions.
export { runCell, type CellOptions, type CellVerdict } from './cell.ts';
export { captureWorkloads, readCapture } from './capture.ts';
export * from './search.ts';
export * from './story.ts';
export {
  COPY,
  DEFAULT_ERA,
  ERAS,
  GetPutPage,
  SHARE,
  type Design,
  type Era,
  type Loan,
  type Page,
  type PageLifetime,
  type Services,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
export { WORKLOADS, type Workload } from '@lastref/workloads';
export { type Capture } from '@lastref/capture';
