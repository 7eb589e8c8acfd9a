// PKCE needs SHA-256 and good random numbers, which React Native does not have by itself. Without
// them supabase-js would send its verifier unhashed (`plain`), which the server refuses.
import * as Crypto from "expo-crypto";

const digest = async (algorithm: AlgorithmIdentifier, data: BufferSource) => {
  const name = typeof algorithm === "string" ? algorithm : algorithm.name;
  if (name !== "SHA-256") throw new Error(`no ${name} here`);
  return Crypto.digest(Crypto.CryptoDigestAlgorithm.SHA256, data);
};

if (!globalThis.crypto?.subtle) {
  const { getRandomValues, randomUUID } = Crypto;
  Object.defineProperty(globalThis, "crypto", {
    value: { getRandomValues, randomUUID, subtle: { digest } },
  });
}
