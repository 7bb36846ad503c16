import { CHANGES, type Kernel, type SkBuff, skbCopy } from '@lastref/kernel';
import { received, type Operation } from '@lastref/operations';
import { cryptInPlace } from '../../in-place.ts';
import { recipe } from '../../recipe.ts';

/** rxrpc gets a DATA packet that came up over loopback; `unshare`: is it somebody else's, so that a copy is needed? */
export function rxrpcInput(
  version: string,
  unshare: (k: Kernel, skb: SkBuff) => boolean,
): Operation {
  const operation = recipe(`rxrpc_input_call_event ${version}`, 'net/rxrpc/call_event.c', (b) => {
    const { k } = b;
    const skb = received(b, b.packet(b.first));
    if (!unshare(k, skb)) {
      cryptInPlace(k, skb);
      return;
    }
    const copy = skbCopy(k, skb);
    b.hold(copy, 'rxrpc call');
    cryptInPlace(k, copy);
    b.used(skb);
  });
  return { ...operation, since: CHANGES.espInPlace };
}
