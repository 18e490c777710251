/**
 * Locations of Hetzner Cloud and their network zones; one private network spans only one zone.
 *
 * Source: docs.hetzner.com/cloud/general/locations, read 2026-11-20. Only `location` exists: `datacenter` left the API
 * on 2026-07-01.
 */
const zones = {
  fsn1: 'eu-central',
  nbg1: 'eu-central',
  hel1: 'eu-central',
  ash: 'us-east',
  hil: 'us-west',
  sin: 'ap-southeast',
} as const;

/** Every location. */
export const locations = Object.keys(zones);

/** Network zone of a location, or undefined where we do not know it. */
export function locationZone(location: string): string | undefined {
  return Object.hasOwn(zones, location) ? zones[location as keyof typeof zones] : undefined;
}
