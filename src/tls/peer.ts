/** The other end of one TLS connection: read once, when the handshake is done. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** `TLSv1.3` or `TLSv1.2`. */
  readonly version: string;
  /** The server name the client asked for (SNI), lower-cased. */
  readonly serverName: string | null;
  /** `sha256:` and the hex digest of the verified client certificate; null without one. */
  readonly certificate: string | null;
}
