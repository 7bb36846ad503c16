// The services by number, with what each is given: how a call of one stands on a tape.
import type { Services } from '@lastref/kernel';

export type ServiceName = Exclude<keyof Services, 'era'>;
export type GivenKind = 'loan' | 'page' | 'skb' | 'shinfo' | 'number' | 'flag';

export const GIVEN = {
  hold: ['loan'],
  drop: ['loan'],
  decAndTest: ['loan'],
  looked: ['number'],
  allocated: [],
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
} as const satisfies Record<ServiceName, readonly GivenKind[]>;

export const SERVICES = Object.keys(GIVEN) as ServiceName[];

export function numberOf(service: ServiceName): number {
  return SERVICES.indexOf(service);
}
