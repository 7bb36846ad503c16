// TLS in the kernel, on the way out: a record's plain text is what was spliced in, by page, offset and size, and a cipher reads
// it where it stands. What is sent is pages of the record's own, so nothing that was lent is written in place.
// Model: no header, no tag, and the cipher is that of esp4.ts.
import { CHANGES } from '../../changes.ts';
import type { CryptoRequest, Cryptd } from '../../crypto/cryptd.ts';
import { mustHave } from '../../era.ts';
import type { Pipe } from '../../fs/pipe.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { PAGE_SIZE, allocPage, putPage, type Page } from '../../mm/page_alloc.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import type { SgEntry } from '../core/skmsg.ts';
import { espCipher } from '../ipv4/esp4.ts';
import { tcpSendpage } from '../ipv4/tcp_sendmsg.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';

/** @kernel include/net/tls.h TLS_MAX_PAYLOAD_SIZE */
export const TLS_MAX_PAYLOAD_SIZE = 1 << 14;

/** struct tls_rec */
class TlsRec implements CryptoRequest {
  private readonly sk: TcpSock;
  private readonly plaintext: SgEntry[] = [];
  /** Pages of its own, as many as the plain text needs: there before any of that. @kernel net/tls/tls_sw.c tls_alloc_encrypted_msg */
  private readonly encrypted: Page[] = [];
  size = 0;

  constructor(sk: TcpSock) {
    this.sk = sk;
  }

  /** Takes a reference. Throws NoMemory, and then has no more than before. @kernel include/linux/skmsg.h sk_msg_page_add (5.10, 7.2) */
  pageAdd(entry: SgEntry): void {
    const { k } = this.sk;
    while (this.encrypted.length * PAGE_SIZE < this.size + entry.size)
      this.encrypted.push(allocPage(k));
    k.lifetime.pageRef(entry.page);
    this.plaintext.push(entry);
    this.size += entry.size;
  }

  /** The cipher has read all of it; the record goes to TCP, and then its plain text is let go. @kernel net/tls/tls_sw.c tls_encrypt_done, tls_tx_records (7.2) */
  done(): void {
    const { k } = this.sk;
    let at = 0;
    for (const { page, pageOffset, size, flow, seq } of this.plaintext) {
      const address = page.address + pageOffset;
      k.probe.read(Reader.TAP, flow, seq, size, address, page);
      this.encrypt(address, at, size);
      at += size;
    }
    for (const page of this.encrypted) {
      const n = Math.min(at, PAGE_SIZE);
      if (n > 0) tcpSendpage(this.sk, page, 0, n, null); // tls_push_sg
      putPage(k, page);
      at -= n;
    }
    this.free();
  }

  /** `size` bytes from `address`, behind the `at` bytes that are encrypted. */
  private encrypt(address: number, at: number, size: number): void {
    const { k } = this.sk;
    for (let done = 0; done < size;) {
      const page = this.encrypted[Math.floor((at + done) / PAGE_SIZE)]!;
      const into = (at + done) % PAGE_SIZE;
      const n = Math.min(size - done, PAGE_SIZE - into);
      espCipher(k, address + done, page.address + into, n);
      page.writes++;
      done += n;
    }
  }

  /** @kernel net/core/skmsg.c sk_msg_free */
  private free(): void {
    const { lifetime } = this.sk.k;
    for (const { page } of this.plaintext) lifetime.pageUnref(page);
    this.plaintext.length = 0;
    this.encrypted.length = 0;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, pageOffset, size } of this.plaintext)
      visitor.page(page, pageOffset, size, 'tls record');
  }
}

declareState(TlsRec, {
  state: 'plaintext encrypted size',
  constant: 'sk',
});

/** The sending side of a socket with TLS. @kernel include/net/tls.h struct tls_sw_context_tx */
export class TlsSwTx implements Holder {
  readonly k: Kernel;
  private readonly sk: TcpSock;
  /** Who encrypts when it likes; null: the cipher runs at once. */
  private readonly engine: Cryptd | null;
  private openRec: TlsRec | null = null;

  constructor(sk: TcpSock, engine: Cryptd | null) {
    mustHave(sk.k.era, CHANGES.skMsg, 'sk_msg_page_add');
    this.k = sk.k;
    this.sk = sk;
    this.engine = engine;
    this.k.holders.push(this);
  }

  /**
   * What `pipe` holds becomes plain text of records, with a reference for each page, and the pipe lets go of its own. A record
   * that is full is encrypted and sent; with `more` the last one waits for what comes next, else it goes as well. Throws
   * NoMemory with the rest still in the pipe.
   * Model: from 6.5 on a call without MSG_MORE waits for the engine, and who splices has the slots of the pipe until then.
   * @kernel net/tls/tls_sw.c tls_sw_do_sendpage (5.10), tls_sw_sendmsg_splice, tls_sw_sendmsg_locked (7.2)
   */
  spliceIn(pipe: Pipe, more: boolean): void {
    for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
      this.openRec ??= new TlsRec(this.sk);
      const rec = this.openRec;
      const { page, pageOffset, flow, seq } = b;
      const size = Math.min(b.size, TLS_MAX_PAYLOAD_SIZE - rec.size);
      rec.pageAdd({ page, pageOffset, size, flow, seq });
      pipe.consume(size);
      if (rec.size === TLS_MAX_PAYLOAD_SIZE) this.pushRecord();
    }
    if (!more) this.pushRecord();
  }

  /** The record is encrypted and sent, now or when the engine is done with it. @kernel net/tls/tls_sw.c tls_push_record, tls_do_encryption (7.2) */
  pushRecord(): void {
    const { openRec, engine } = this;
    if (openRec === null) return;
    this.openRec = null;
    if (engine === null) openRec.done();
    else engine.enqueue(openRec);
  }

  forEachReader(visitor: HolderVisitor): void {
    this.openRec?.forEachReader(visitor);
  }
}

declareState(TlsSwTx, {
  state: 'openRec',
  constant: 'k sk engine',
});
