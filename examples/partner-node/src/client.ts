// How a request gets there in spite of networks and quotas, and the two ways in which something can be refused.
import { setTimeout as wait } from 'node:timers/promises';
import type { TypedDocumentString } from './generated/graphql.js';
import type { ErrorCode } from './open.js';

const attempts = 5;
const firstPause = 500; // milliseconds; doubled each time
const longestPause = 120_000;

/** A top-level error: no token, not allowed, too many requests, malformed, a fault of the server. Its message is for people. */
export class RequestError extends Error {
  constructor(readonly code: ErrorCode, readonly requestId: string, message: string) {
    super(message);
  }
}

/** What stands in userErrors of a mutation's own answer: the input can mend it, and nothing was done. */
export class MendableError extends Error {
  constructor(readonly code: ErrorCode, path: string[], message: string) {
    super(`${code} at ${path.join('.')}: ${message}`);
  }
}

/** Throws what the input can mend. */
export function mendable(problems: { code: ErrorCode; path: string[]; message: string }[]): void {
  for (const problem of problems) throw new MendableError(problem.code, problem.path, problem.message);
}

type Answer<Data> = {
  data?: Data;
  errors?: { message: string; extensions?: { code?: string; requestId?: string } }[];
};

/** Asks one portal, with a token. */
export class Client {
  private next = 0; // before which instant the quota has nothing left, in milliseconds

  constructor(private readonly url: string, private readonly token: string) {}

  /**
   * Asks, and asks again where the answer got lost or the request came too soon. That is safe for what this program asks, since
   * each of its mutations carries an idempotency key, or brings about the same however often it is done.
   */
  async ask<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
    const body = JSON.stringify({ query: document.toString(), variables });
    for (let attempt = 1; ; attempt++) {
      const own = firstPause * 2 ** (attempt - 1);
      await wait(Math.max(0, this.next - Date.now()));
      try {
        const response = await this.send(body);
        const text = await response.text();
        this.next = Date.now() + spentFor(response);
        const pause = pauseOf(response, own);
        if (pause === undefined || attempt === attempts) return dataOf(JSON.parse(text) as Answer<Data>);
        await wait(pause);
      } catch (error) {
        if (error instanceof RequestError || error instanceof SyntaxError || attempt === attempts) throw error;
        await wait(own);
      }
    }
  }

  private send(body: string): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
      body,
      signal: AbortSignal.timeout(30_000),
    });
  }
}

/** How long to wait before sending again, in milliseconds; undefined: the answer stands. */
function pauseOf(response: Response, own: number): number | undefined {
  if (response.status === 429) {
    const seconds = Number(response.headers.get('Retry-After') ?? NaN);
    return Number.isNaN(seconds) ? own : Math.min(seconds * 1000, longestPause);
  }
  return [502, 503, 504].includes(response.status) ? own : undefined;
}

/**
 * For how long the quota has nothing left, in milliseconds: "minute";r=0;t=12 is for 12 seconds. Who waits by it is never told 429,
 * unless somebody else uses the token too.
 */
function spentFor(response: Response): number {
  const [, seconds] = /;r=0;t=(\d+)/.exec(response.headers.get('RateLimit') ?? '') ?? [];
  return seconds === undefined ? 0 : Math.min(Number(seconds) * 1000, longestPause);
}

function dataOf<Data>(answer: Answer<Data>): Data {
  const [error] = answer.errors ?? [];
  if (error) throw new RequestError(error.extensions?.code ?? 'INTERNAL', error.extensions?.requestId ?? '', error.message);
  return answer.data as Data;
}
