// One frame, walked down header by header. What is over what follows no order: each layer may carry any other.
import type { Frame } from '../frames.ts';
import type { Fault, Found } from './found.ts';

const HEADERS_MAX = 16;

/** What a header leads to; 'fault' and 'other' as `findTcp` answers them. */
export type Answer = 'tcp' | 'fault' | 'other';

export abstract class Walk {
  protected frame!: Frame;
  protected data!: Uint8Array;
  protected found!: Found;
  private headers = 0;

  walk(frame: Frame, found: Found): Answer {
    this.frame = frame;
    this.data = frame.data;
    this.found = found;
    this.headers = 0;
    return this.link(frame.linkType, 0);
  }

  protected fault(fault: Fault): 'fault' {
    this.found.fault = fault;
    return 'fault';
  }

  protected cut(): 'fault' {
    return this.fault('its link or tunnel header is cut');
  }

  /** One header more; more than any tunnel has, and the frame goes round in a circle. */
  protected tooDeep(): boolean {
    return ++this.headers > HEADERS_MAX;
  }

  protected deep(): 'fault' {
    return this.fault('more than 16 headers stand before TCP');
  }

  protected abstract link(type: number, at: number): Answer;
  protected abstract ethernet(at: number): Answer;
  protected abstract etherType(type: number, at: number): Answer;
  protected abstract serviceHeader(at: number): Answer;
  protected abstract ppp(from: number): Answer;
  protected abstract mpls(from: number): Answer;
  protected abstract ip(at: number): Answer;
}
