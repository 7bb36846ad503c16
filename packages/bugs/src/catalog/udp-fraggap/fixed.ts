import { CorkedSocket, splices } from './common.ts';

class MakesRoomForIt extends CorkedSocket {
  protected override allocLength(fragheaderlen: number, fraggap: number): number {
    return fragheaderlen + fraggap;
  }
}

export const fixed = splices('fixed', (k) => new MakesRoomForIt(k));
