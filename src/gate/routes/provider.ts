/** How a provider is told who asks; `prefix` stands before the key. */
export type Credential =
  | { readonly in: 'header'; readonly name: string; readonly prefix: string; readonly shape: RegExp }
  | { readonly in: 'path'; readonly shape: RegExp };

/** One thing that may be asked of a provider. `path` must fit the whole of what follows the route's name, query included. */
export type Endpoint = {
  /** What stands in the trail: never the path itself, which may hold a credential or a question. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  /** The path that is asked for upstream, `{key}` being the credential and `{1}` what the first group holds; absent: the same path. */
  readonly upstream?: string;
};

/** How a provider tells what an answer has cost; `requests`: it does not, and they alone are counted. */
export type UsageDialect = 'anthropic' | 'openai' | 'google' | 'requests' | 'none';

/** A service that a route leads to: what may be asked of it and how, as data. */
export type Provider = {
  /** The first part of the route's path. */
  readonly name: string;
  /** The one host that is spoken to. */
  readonly host: string;
  /** 443 unless it is given. */
  readonly port?: number;
  readonly credential: Credential;
  readonly endpoints: readonly Endpoint[];
  /** Request fields that are passed on beside the common ones. */
  readonly fields: readonly string[];
  readonly usage: UsageDialect;
  /** An error in the provider's own shape, so that its client shows the message. */
  readonly errorBody: (status: number, message: string) => unknown;
};

/** A key that can stand in a field: visible ASCII without blanks. */
export const FIELD_KEY = /^[!-~]{8,512}$/;
