/** The head of a CONNECT, exactly as given: tricks must reach the gate unchanged. */
export function connectHead(authority: string): string {
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
}

/** The head of a plain forward request. */
export function forwardHead(url: string, host: string): string {
  return `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}
