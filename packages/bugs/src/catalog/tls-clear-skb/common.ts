import {
  Context,
  Site,
  fragAt,
  getPage,
  putPage,
  skbClone,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import type { Operation } from '@lastref/operations';
import { Act } from '../../act.ts';
import { recipe } from '../../recipe.ts';

/** Where the plain text of a record goes. */
export interface Output {
  readonly pages: readonly Page[];
  /** They are other pages than those of the record. */
  readonly elsewhere: boolean;
  /** Whoever began has taken references on them. */
  readonly referenced: boolean;
}

/** The two places that a record can be decrypted to, once it is not done where it stands. */
type Target = 'user' | 'clear skb';

/**
 * A record is decrypted by an engine that says when it is done. `mine`: does the one who is told then put the pages that
 * the engine wrote to? The pages stand for those of a receive buffer. Model: which bytes come out is nobody's question.
 */
function decrypt(target: Target, version: string, mine: (output: Output) => boolean): Operation {
  const name = target === 'user' ? 'tls_decrypt_sg to user' : 'tls_decrypt_sg to clear_skb';
  return recipe(`${name} ${version}`, 'net/tls/tls_sw.c', (b) => {
    const { k } = b;
    const skb = b.packet(b.first);
    const pages = pagesOf(skb);
    const referenced = target === 'user';
    if (referenced)
      for (const page of pages) getPage(k, page); // iov_iter_get_pages
    else b.hold(skbClone(k, skb, Site.TAP), 'rx_list'); // a part of it was read: the rest waits there
    const output: Output = { pages, elsewhere: true, referenced };
    const done = new Act(
      k,
      'crypto engine',
      'is done',
      () => {
        if (mine(output)) for (const page of pages) putPage(k, page); // tls_decrypt_done
      },
      Context.SOFTIRQ,
    );
    b.watch(done, 'crypto engine');
    done.arm();
  });
}

function pagesOf({ shinfo }: SkBuff): Page[] {
  return Array.from({ length: shinfo.nrFrags }, (_, i) => fragAt(shinfo, i).page);
}

/** Both, with one callback. */
export function tlsDecrypt(
  version: string,
  mine: (output: Output) => boolean,
): readonly Operation[] {
  return [decrypt('user', version, mine), decrypt('clear skb', version, mine)];
}
