import { Socket, reads } from './common.ts';

/** Whoever has waited purges, if he had something decrypted by an engine. */
class WaitsAlone extends Socket {
  protected override waited(): void {}
}

export const wrong = reads('wrong', (k) => new WaitsAlone(k));
