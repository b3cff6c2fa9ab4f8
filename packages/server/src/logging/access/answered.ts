// logging/access/answered.ts: a request and its answer, as the access log sees them.

import type { CgiFacts, ConnectionFacts } from '@appserve/core/exchange';
import type { RequestHead, ResponseHead } from '@appserve/core/message';

export interface Answered {
  /** Nothing where what the client has sent was no request. */
  readonly head: RequestHead | undefined;
  readonly connection: ConnectionFacts;
  readonly cgi: CgiFacts | undefined;
  /** 0: no answer was begun, since the client had left. */
  readonly status: number;
  /** Of the body, without the framing of its chunks. */
  readonly bodyBytes: number;
  /** What the app has said; nothing where the server has answered itself. */
  readonly answer: ResponseHead | undefined;
  /** On this thread's performance.now(); 0 where nobody has asked for it. */
  readonly beganMs: number;
  readonly requestId: string;
}

/** What the connections of a thread tell of their answers. */
export interface AccessLog {
  /** Whether `beganMs` is wanted: asking for the time costs. */
  readonly wantsTime: boolean;
  answered(answered: Answered): void;
}
