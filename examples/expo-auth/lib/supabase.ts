// The one client of the app.
import "./crypto";
import { createClient } from "@supabase/supabase-js";
import * as SecureStore from "expo-secure-store";
import { secureStorage } from "./secure-storage.mjs";

const url = process.env.EXPO_PUBLIC_API_URL;
const key = process.env.EXPO_PUBLIC_PUBLISHABLE_KEY;
if (!url || !key) {
  throw new Error("set EXPO_PUBLIC_API_URL and EXPO_PUBLIC_PUBLISHABLE_KEY, as README.md says");
}

export const supabase = createClient(url, key, {
  auth: {
    // The keychain; entries stay on this phone and open once it has been unlocked.
    storage: secureStorage({
      getItemAsync: (name) => SecureStore.getItemAsync(name),
      setItemAsync: (name, value) =>
        SecureStore.setItemAsync(name, value, {
          keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY,
        }),
      deleteItemAsync: (name) => SecureStore.deleteItemAsync(name),
    }),
    flowType: "pkce",
    persistSession: true,
    autoRefreshToken: true,
    // There is no address bar to look into; deep links are taken in app/App.tsx.
    detectSessionInUrl: false,
  },
});
