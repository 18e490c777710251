/** Euros a month, net of VAT; a server without its IPv4 address. */
export interface ServerPrice {
  readonly euros: number;
  /** Locations that it holds for. */
  readonly locations: readonly string[];
  readonly source: string;
  /** Day on which the source was read, ISO 8601. */
  readonly date: string;
}

const eu = ['fsn1', 'nbg1', 'hel1'];

const api = 'api.hetzner.cloud/v1 server_types, the same in fsn1, nbg1 and hel1, as a public report read it';
const site = 'website-price-api.hetzner.com, the price list since 2026-06-15, as a public report read it';

const read = (euros: number, source: string, date: string, locations: readonly string[] = eu): ServerPrice => ({
  euros,
  locations,
  source,
  date,
});

/**
 * Prices of new orders since 2026-06-15. A server ordered before keeps the price it had until it is rescaled or replaced.
 * For Singapore and the United States no source names every type, so most are left out there.
 */
export const serverPrices: Readonly<Record<string, readonly ServerPrice[]>> = {
  cx23: [read(5.49, api, '2026-09-09')],
  cx33: [read(8.49, api, '2026-09-09')],
  cx43: [read(15.99, api, '2026-09-09')],
  cx53: [read(29.49, site, '2026-09-19')],
  cax11: [read(5.99, site, '2026-09-19')],
  cax21: [read(10.49, api, '2026-09-09')],
  cax31: [read(20.99, api, '2026-09-09')],
  cax41: [read(40.99, site, '2026-09-19')],
  cpx12: [read(11.49, api, '2026-09-09'), read(15.49, site, '2026-08-21', ['sin'])],
  cpx22: [read(19.49, api, '2026-09-09')],
  cpx32: [read(35.49, api, '2026-09-09')],
  cpx42: [read(69.49, api, '2026-09-09')],
  cpx52: [read(100.49, site, '2026-09-07')],
  cpx62: [read(129.99, site, '2026-09-07')],
  ccx13: [read(42.99, site, '2026-09-19')],
  ccx23: [read(85.99, site, '2026-09-19')],
  ccx33: [read(138.49, site, '2026-09-19')],
};

/** A primary IPv4 address, which every server of a tier has. */
export const addressPrice: ServerPrice = read(0.5, site, '2026-10-04', [...eu, 'sin']);
