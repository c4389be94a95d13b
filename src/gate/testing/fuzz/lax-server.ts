/** A request as a careless server reads it. */
export type LaxRequest = { readonly method: string; readonly target: string; readonly hosts: readonly string[]; readonly body: string };

/** Which length a careless server follows when there are several. */
export type Trust = 'first-length' | 'last-length' | 'chunked';

/**
 * What a careless server makes of some bytes: it takes bare line feeds, blanks around names, folded lines, and any
 * length. A gate is only good when even this reader finds one request and no second one.
 */
export function readLaxly(bytes: Buffer, trust: Trust): { readonly requests: readonly LaxRequest[]; readonly rest: string } {
  let text = bytes.toString('latin1');
  const requests: LaxRequest[] = [];
  for (;;) {
    const end = /\r?\n\r?\n/.exec(text);
    if (!end || requests.length > 3) return { requests, rest: text };
    const [line = '', ...lines] = text
      .slice(0, end.index)
      .replaceAll(/\r?\n[ \t]+/g, ' ')
      .split(/\r\n|\n|\r/);
    const behind = text.slice(end.index + end[0].length);
    const fields = lines.map((one) => [one.split(':', 1)[0]?.trim().toLowerCase() ?? '', one.slice(one.indexOf(':') + 1).trim()] as const);
    const of = (name: string): readonly string[] => fields.filter(([key]) => key === name).map(([, value]) => value);
    const length = of('content-length').at(trust === 'last-length' ? -1 : 0);
    const isChunked = of('transfer-encoding').some((value) => /chunked/i.test(value));
    const body =
      isChunked && (trust === 'chunked' || length === undefined)
        ? chunks(behind)
        : behind.slice(0, Number.parseInt(length ?? '0', 10) || 0);
    const [method = '', target = ''] = line.split(/[ \t]+/);
    requests.push({ method, target, hosts: of('host'), body });
    text = behind.slice(body.length);
    if (text === '') return { requests, rest: '' };
  }
}

function chunks(text: string): string {
  let at = 0;
  for (;;) {
    const head = /^\s*([0-9a-f]+)[^\n]*\n/i.exec(text.slice(at));
    if (!head) return text;
    const size = Number.parseInt(head[1] ?? '0', 16);
    at += head[0].length + size;
    if (size > 0) continue;
    const end = /\r?\n/.exec(text.slice(at));
    return text.slice(0, end ? at + end.index + end[0].length : text.length);
  }
}
