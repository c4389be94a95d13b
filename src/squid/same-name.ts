/**
 * What Squid asks whether the name in a ClientHello is the name of the CONNECT: one line with both in, `OK` or `ERR` out.
 * Squid has no comparison of the two of its own, and takes a ClientHello without a name for one with the right name.
 */
export const SAME_NAME = `#!/bin/sh
# Squid starts this beside itself. A ClientHello without a name arrives as "-", as it must for an address.
while read -r said asked rest; do
  case $asked in
    -) wanted= ;;
    *:*) wanted=- ;;
    *[!0-9.]*) wanted=$asked ;;
    *) wanted=- ;;
  esac
  said=$(printf %s "$said" | tr A-Z a-z)
  if [ -n "$said" ] && [ "$said" = "$wanted" ]; then echo OK; else echo ERR; fi
done
`;
