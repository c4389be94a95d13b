/** `ill`: something came, and not what should; `silent`: nothing did. */
export type Answer = 'well' | 'ill' | 'silent';

/** What a watch knows of a service. */
export type AnswerState = {
  readonly ready: boolean;
  readonly wasReady: boolean;
  /** Answers in a row that were no good ones. */
  readonly missed: number;
  /** Questions in a row without any answer. */
  readonly silent: number;
};

/** Where a service is asked. */
export type AskedAt = { readonly path: string } | { readonly host: string; readonly port: number };

export type AnswerWatch = { close(): void };

export declare const ANSWER_MS: number;
export declare function unasked(ready: boolean): AnswerState;
export declare function judge(before: AnswerState, answer: Answer, tookMs: number): AnswerState;
export declare function isGivenUp(state: AnswerState): boolean;
export declare function watchAnswers(of: {
  readonly ask: () => Promise<Answer>;
  readonly ready: boolean;
  readonly changed: (ready: boolean) => void;
  readonly gaveUp: (silentMs: number) => unknown;
  readonly pause?: (ms: number) => Promise<unknown>;
  readonly now?: () => number;
}): AnswerWatch;
export declare function askHttp(at: AskedAt, path: string, limitMs?: number): Promise<Answer>;
export declare function askLine(at: AskedAt, line: string, limitMs?: number): Promise<Answer>;
