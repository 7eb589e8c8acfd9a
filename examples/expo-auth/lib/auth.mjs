// @ts-check
// Everything about signing in that is not a screen. It knows no React Native, so that the same
// file runs in a test on Node: browser, client and app state are handed in.

/** @typedef {import("@supabase/supabase-js").SupabaseClient} Client */
/** @typedef {import("@supabase/supabase-js").Provider} Provider */

/** What went wrong, in the words of the server. */
export class AuthProblem extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * The data of the client's answer; fails where it has an error.
 * @template {{ data: unknown, error: { code?: string | undefined, message: string } | null }} A
 * @param {A} answer
 * @returns {Extract<A, { error: null }>["data"]}
 */
function dataOf({ data, error }) {
  if (error) throw new AuthProblem(error.code ?? "unknown", error.message);
  return data;
}

/**
 * Signs a new user up; the mail that follows holds a code and a link back into the app.
 * @param {Client} supabase
 * @param {{ email: string, password: string, redirectTo: string }} account
 */
export async function signUp(supabase, { email, password, redirectTo }) {
  const options = { emailRedirectTo: redirectTo };
  return dataOf(await supabase.auth.signUp({ email, password, options }));
}

/**
 * Takes the code that was mailed.
 * @param {Client} supabase
 * @param {{ email: string, code: string }} typed
 */
export async function confirmCode(supabase, { email, code }) {
  return dataOf(await supabase.auth.verifyOtp({ email, token: code.trim(), type: "email" }));
}

/**
 * @param {Client} supabase
 * @param {{ email: string, password: string }} account
 */
export async function signIn(supabase, { email, password }) {
  return dataOf(await supabase.auth.signInWithPassword({ email, password }));
}

/**
 * Signs in at a provider, in the phone's own browser, which the app cannot look into.
 * @param {Client} supabase
 * @param {{
 *   provider: Provider,
 *   redirectTo: string,
 *   openBrowser: (url: string, redirectTo: string) => Promise<{ type: string, url?: string }>,
 * }} how
 */
export async function signInWithProvider(supabase, { provider, redirectTo, openBrowser }) {
  const options = { redirectTo, skipBrowserRedirect: true };
  const { url } = dataOf(await supabase.auth.signInWithOAuth({ provider, options }));
  if (!url) throw new AuthProblem("unknown", "there is no address to open");
  const result = await openBrowser(url, redirectTo);
  // People close the browser when they change their mind; that is no error.
  if (result.type !== "success" || !result.url) return null;
  return takeDeepLink(supabase, result.url, redirectTo);
}

/**
 * Takes an address that the app was opened with. It answers with the session, or with null when
 * the address is none of ours.
 *
 * The address holds a code, never tokens: only the app that began the sign-in has the verifier
 * that the code is exchanged with, so another app that catches the address gets nothing.
 * @param {Client} supabase
 * @param {string} address
 * @param {string} redirectTo
 */
export async function takeDeepLink(supabase, address, redirectTo) {
  if (!belongsTo(address, redirectTo)) return null;
  const given = parameters(address);
  const error = given.get("error_code") ?? given.get("error");
  if (error) throw new AuthProblem(error, given.get("error_description") ?? error);
  const code = given.get("code");
  if (!code) return null;
  return dataOf(await supabase.auth.exchangeCodeForSession(code)).session;
}

/** Whether an address is the app's own, whatever is asked of it. @param {string} address @param {string} redirectTo */
function belongsTo(address, redirectTo) {
  return (address.split(/[?#]/)[0] ?? "").replace(/\/$/, "") === redirectTo.replace(/\/$/, "");
}

/** The parameters of query and fragment. @param {string} address */
function parameters(address) {
  const [rest = "", fragment = ""] = address.split("#", 2);
  const query = rest.split("?", 2)[1] ?? "";
  return new Map([...new URLSearchParams(fragment), ...new URLSearchParams(query)]);
}

/**
 * Ends this session, or all of the user's. The server refuses its tokens from then on.
 * @param {Client} supabase
 * @param {"local" | "others" | "global"} scope
 */
export async function signOut(supabase, scope = "local") {
  const { error } = await supabase.auth.signOut({ scope });
  if (error) throw new AuthProblem(error.code ?? "unknown", error.message);
}

/**
 * Refreshes while somebody looks, and not while the app sleeps: timers of a sleeping app fire late
 * or never. Answers with a function that ends it.
 * @param {Client} supabase
 * @param {{
 *   currentState: string,
 *   addEventListener: (event: "change", heard: (state: string) => void) => { remove: () => void },
 * }} appState
 */
export function keepFresh(supabase, appState) {
  /** @param {string} state */
  const follow = (state) =>
    state === "active" ? supabase.auth.startAutoRefresh() : supabase.auth.stopAutoRefresh();
  void follow(appState.currentState);
  const subscription = appState.addEventListener("change", (state) => void follow(state));
  return () => {
    subscription.remove();
    void supabase.auth.stopAutoRefresh();
  };
}
