import type { NetConnectOpts } from 'node:net';

export declare function answerNames(address: string, to?: NetConnectOpts, port?: number): () => void;
