// The services and system calls by number, with what each is given: how a call of one stands on a tape.
import type { Call, Services } from '@lastref/kernel';

/** A service of the kernel to a design, or a system call of a program. */
export type ServiceName = Exclude<keyof Services, 'era'> | Call;
export type GivenKind = 'loan' | 'page' | 'skb' | 'shinfo' | 'number' | 'flag';

export const GIVEN = {
  hold: ['loan'],
  drop: ['loan'],
  decAndTest: ['loan'],
  looked: ['number'],
  allocated: [],
  called: [],
  complete: ['loan'],
  sideField: [],
  notify: ['number', 'number', 'number', 'flag'],
  getPage: ['page'],
  putPage: ['page'],
  poolTake: ['page'],
  poolRef: ['page'],
  poolPut: ['page'],
  getData: ['shinfo'],
  csumPage: ['page', 'number', 'number'],
  copyPage: ['page', 'number', 'number'],
  fillPageDesc: ['skb', 'page', 'number', 'number'],
  unshare: ['skb'],
  copyUbufs: ['skb'],
  send: ['number', 'number', 'number', 'number', 'number'],
  sendZc: ['number', 'number', 'number', 'number', 'number'],
  cancel: ['number'],
  release: ['number'],
  connect: [],
  shutdown: ['number'],
  close: ['number'],
  abort: ['number'],
  outq: ['number'],
} as const satisfies Record<ServiceName, readonly GivenKind[]>;

export const SERVICES = Object.keys(GIVEN) as ServiceName[];

export function numberOf(service: ServiceName): number {
  return SERVICES.indexOf(service);
}
