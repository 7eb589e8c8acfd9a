// Signing up with a mailed code, signing in by password, and signing in at a provider.
import * as WebBrowser from "expo-web-browser";
import { useState } from "react";
import { Alert, Button, StyleSheet, TextInput, View } from "react-native";
import { confirmCode, signIn, signInWithProvider, signUp } from "../lib/auth.mjs";
import { supabase } from "../lib/supabase";

const openBrowser = (url: string, redirectTo: string) =>
  WebBrowser.openAuthSessionAsync(url, redirectTo);

export function SignIn({ redirectTo }: { redirectTo: string }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [isWaiting, setWaiting] = useState(false);

  const run = (work: () => Promise<unknown>) => () => {
    work().catch((error: Error) => Alert.alert("That did not work", error.message));
  };
  const begin = run(async () => {
    await signUp(supabase, { email, password, redirectTo });
    setWaiting(true);
  });

  if (isWaiting) {
    return (
      <View style={styles.form}>
        <TextInput
          style={styles.field}
          placeholder="The code from the mail"
          keyboardType="number-pad"
          autoComplete="one-time-code"
          value={code}
          onChangeText={setCode}
        />
        <Button title="Go on" onPress={run(() => confirmCode(supabase, { email, code }))} />
      </View>
    );
  }
  return (
    <View style={styles.form}>
      <TextInput
        style={styles.field}
        placeholder="Address"
        autoCapitalize="none"
        autoComplete="email"
        keyboardType="email-address"
        value={email}
        onChangeText={setEmail}
      />
      <TextInput
        style={styles.field}
        placeholder="Password"
        autoComplete="password"
        secureTextEntry
        value={password}
        onChangeText={setPassword}
      />
      <Button title="Sign in" onPress={run(() => signIn(supabase, { email, password }))} />
      <Button title="Sign up" onPress={begin} />
      <Button
        title="Go on with Google"
        onPress={run(() =>
          signInWithProvider(supabase, { provider: "google", redirectTo, openBrowser }),
        )}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  form: { flex: 1, justifyContent: "center", gap: 12 },
  field: { borderWidth: 1, borderColor: "#94a3b8", borderRadius: 8, padding: 12 },
});
