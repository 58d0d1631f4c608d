package io.urvpn.cli;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * What the first request and its answer need, made by a second thread while the first one reads the command line and the
 * kubeconfig. Whoever needs a part that is not there yet makes it, or waits for it.
 */
final class HeadStart {
    private HeadStart() {}

    /** Begins. */
    static void begin() {
        Thread.ofPlatform().daemon().name("head-start").start(() -> {
            tls();
            kinds();
        });
    }

    /** Of all clients of the process. */
    static KubernetesSerialization serialization() {
        return Kinds.SERIALIZATION;
    }

    /** What TLS knows, and a key on P-256, which it offers: the first one makes that curve's tables. */
    private static void tls() {
        try {
            SSLContext.getInstance("TLS");
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            // the handshake fails by the same, and says so
        }
    }

    /** How the kinds are read that most commands read. */
    private static void kinds() {
        for (Class<?> kind : List.of(VpnInstance.class, VpnAttachment.class)) {
            serialization().unmarshal("{}", kind);
        }
    }

    /** Made by the first who asks, and not by the thread that begins. */
    private static final class Kinds {
        static final KubernetesSerialization SERIALIZATION = Serialization.kubernetes();
    }
}
