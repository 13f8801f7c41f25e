/** A DNS label: what a slug must be to serve as a subdomain. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** "Nike.Example.com.:3000" under "example.com" to "nike"; null for anything but one label right under the base. */
export function slugOfDomain(domain: string, baseDomain: string): string | null {
  const host = domain.trim().toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  const suffix = `.${baseDomain}`;
  if (!host.endsWith(suffix)) return null;
  const label = host.slice(0, -suffix.length);
  return SLUG.test(label) ? label : null;
}
