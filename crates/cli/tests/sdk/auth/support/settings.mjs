// The part of the server's settings that is only known once the counterparts run.

/** TOML for the providers and addresses of this run. */
export function settings() {
  return ''
}
