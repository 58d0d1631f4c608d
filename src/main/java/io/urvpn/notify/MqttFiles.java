package io.urvpn.notify;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * The files of a mounted Secret, read anew at each connect, so that a rotated credential works without a restart. What
 * goes wrong is told by the file's name, never by what is in it.
 */
final class MqttFiles {
    private static final List<String> ALL = List.of("username", "password", "ca.crt", "tls.crt", "tls.key");
    private static final String CA = "ca.crt";
    private static final String CERTIFICATE = "tls.crt";
    private static final String KEY = "tls.key";
    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final Optional<Path> directory;

    MqttFiles(Optional<Path> directory) {
        this.directory = directory;
    }

    /** Without them the broker would only say that it knows nobody. */
    void check() throws IOException {
        if (directory.isPresent() && ALL.stream().allMatch(name -> file(name).isEmpty())) {
            throw new IOException(
                    "the Secret with the credentials is missing, or has none of the keys " + String.join(", ", ALL));
        }
    }

    /** User name and password, where there is at least one of them. */
    Optional<Mqtt5SimpleAuth> auth() throws IOException {
        Optional<String> name = text("username").map(MqttFiles::line);
        Optional<byte[]> password = text("password").map(MqttFiles::line).map(t -> t.getBytes(StandardCharsets.UTF_8));
        if (name.isPresent() && password.isPresent()) {
            return Optional.of(Mqtt5SimpleAuth.builder()
                    .username(name.get())
                    .password(password.get())
                    .build());
        }
        return name.map(only -> Mqtt5SimpleAuth.builder().username(only).build())
                .or(() -> password.map(
                        only -> Mqtt5SimpleAuth.builder().password(only).build()));
    }

    /** Trusts {@code ca.crt} alone where it is there, else what the Java runtime trusts. */
    MqttClientSslConfig tls() throws IOException, GeneralSecurityException {
        var tls = MqttClientSslConfig.builder().protocols(List.of("TLSv1.3", "TLSv1.2"));
        if (file(CA).isPresent()) {
            tls.trustManagerFactory(trusting(certificates(CA)));
        }
        if (file(CERTIFICATE).isPresent() && file(KEY).isPresent()) {
            tls.keyManagerFactory(presenting(certificates(CERTIFICATE), key()));
        }
        return tls.build();
    }

    private static TrustManagerFactory trusting(Collection<? extends Certificate> authorities)
            throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate authority : authorities) {
            store.setCertificateEntry("ca-" + number++, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static KeyManagerFactory presenting(Collection<? extends Certificate> chain, PrivateKey key)
            throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        store.setKeyEntry("client", key, new char[0], chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private Collection<? extends Certificate> certificates(String name) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file(name).orElseThrow())) {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (all.isEmpty()) {
                throw new IOException(name + " in the Secret has no certificate; it must be PEM");
            }
            return all;
        }
    }

    private PrivateKey key() throws IOException, GeneralSecurityException {
        Matcher pem = PEM_KEY.matcher(text(KEY).orElseThrow());
        if (!pem.find()) {
            throw new IOException(KEY + " in the Secret is not a PKCS#8 key in PEM (BEGIN PRIVATE KEY)");
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // it is a key of another algorithm
                continue;
            }
        }
        throw new IOException(KEY + " in the Secret is no key of RSA, EC or EdDSA");
    }

    /** People write such files with an editor, which ends the line. */
    private static String line(String text) {
        return text.replaceFirst("\\R$", "");
    }

    private Optional<String> text(String name) throws IOException {
        Optional<Path> file = file(name);
        return file.isPresent() ? Optional.of(Files.readString(file.get())) : Optional.empty();
    }

    private Optional<Path> file(String name) {
        return directory.map(path -> path.resolve(name)).filter(Files::isRegularFile);
    }
}
