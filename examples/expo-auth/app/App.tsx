// Two screens: signing in, and being signed in.
import type { Session } from "@supabase/supabase-js";
import { makeRedirectUri } from "expo-auth-session";
import * as Linking from "expo-linking";
import { useEffect, useState } from "react";
import { Alert, AppState, SafeAreaView, StyleSheet } from "react-native";
import { keepFresh, takeDeepLink } from "../lib/auth.mjs";
import { supabase } from "../lib/supabase";
import { Home } from "./Home";
import { SignIn } from "./SignIn";

// `exampleapp://auth` in a build of its own; it stands in `auth.redirect_urls` of the server.
const redirectTo = makeRedirectUri({ scheme: "exampleapp", path: "auth" });

export default function App() {
  const [session, setSession] = useState<Session | null>(null);

  useEffect(() => {
    const { data } = supabase.auth.onAuthStateChange((_event, session) => setSession(session));
    return () => data.subscription.unsubscribe();
  }, []);

  useEffect(() => keepFresh(supabase, AppState), []);

  useEffect(() => {
    const take = (url: string | null) => {
      if (!url) return;
      takeDeepLink(supabase, url, redirectTo).catch((error) =>
        Alert.alert("Signing in failed", error.message),
      );
    };
    // The app may have been opened by a link, or be called while it runs.
    void Linking.getInitialURL().then(take);
    const subscription = Linking.addEventListener("url", ({ url }) => take(url));
    return () => subscription.remove();
  }, []);

  return (
    <SafeAreaView style={styles.page}>
      {session ? <Home session={session} /> : <SignIn redirectTo={redirectTo} />}
    </SafeAreaView>
  );
}

const styles = StyleSheet.create({ page: { flex: 1, padding: 24 } });
