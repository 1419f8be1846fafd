/**
 * What the kernel lists among its counters, but is a setting or a number of now (the
 * objects of these names in RFC 4022 and RFC 4293).
 *
 * @module
 */

const GAUGE =
  /^(Forwarding|DefaultTTL|Rto(Algorithm|Min|Max)|MaxConn|\w*CurrEstab)$/;

/** Whether the kernel's name is that of a number which does not only grow. */
export function isGauge(name: string): boolean {
  return GAUGE.test(name);
}
