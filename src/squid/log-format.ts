/**
 * What Squid writes of each connection, as fields of one line: seconds, milliseconds that it took, own port, the client's port, the
 * port towards what is behind, status, what Squid did, method, host, port, address behind, bytes and bytes of the head from the
 * client, the same to the client, error. Texts that a client chose are percent-encoded.
 */
const PLAIN = '%ts.%03tu %tr %>lp %>p %<lp %>Hs %Ss %#rm %#>rd %>rP %<a %>st %>sh %<st %<sh %err_code';

/** What was done about the ClientHello, and the name in it. */
const HELLO = '%ssl::bump_mode %#ssl::>sni';

/** The format's text; with a second hop it tells of the ClientHello too. */
export function logFormat(hasHop: boolean): string {
  return hasHop ? `${PLAIN} ${HELLO}` : `${PLAIN} - -`;
}
