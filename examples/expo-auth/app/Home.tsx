// Who is signed in, and the two ways out.
import type { Session } from "@supabase/supabase-js";
import { Alert, Button, StyleSheet, Text, View } from "react-native";
import { signOut } from "../lib/auth.mjs";
import { supabase } from "../lib/supabase";

export function Home({ session }: { session: Session }) {
  const leave = (scope: "local" | "global") => () => {
    signOut(supabase, scope).catch((error: Error) => Alert.alert("Still here", error.message));
  };
  return (
    <View style={styles.page}>
      <Text style={styles.name}>{session.user.email ?? "You"}</Text>
      <Button title="Sign out" onPress={leave("local")} />
      <Button title="Sign out on all devices" onPress={leave("global")} />
    </View>
  );
}

const styles = StyleSheet.create({
  page: { flex: 1, justifyContent: "center", gap: 12 },
  name: { fontSize: 20, textAlign: "center" },
});
