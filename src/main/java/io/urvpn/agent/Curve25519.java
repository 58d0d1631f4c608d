package io.urvpn.agent;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/** Keys of X25519 (RFC 7748) as WireGuard has them: 32 bytes each, the numbers in little-endian order. */
public final class Curve25519 {
    /** Length of a key, private or public, in bytes. */
    public static final int KEY_BYTES = 32;

    private static final String ALGORITHM = "X25519";
    /** The u coordinate of the base point (RFC 7748, 4.1). */
    private static final BigInteger BASE = BigInteger.valueOf(9);

    private Curve25519() {}

    /** A new private key, from the JDK's source of random numbers, clamped as RFC 7748, 5, decodes every one. */
    public static byte[] newPrivateKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            byte[] key = ((XECPrivateKey) generator.generateKeyPair().getPrivate())
                    .getScalar()
                    .orElseThrow(() -> new IllegalStateException("the JDK's own keys show their number"));
            key[0] &= (byte) 0xf8;
            key[KEY_BYTES - 1] &= 0x7f;
            key[KEY_BYTES - 1] |= 0x40;
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has X25519", e);
        }
    }

    /**
     * The public key of a private one.
     *
     * @throws IllegalArgumentException where it has not 32 bytes
     */
    public static byte[] publicKey(byte[] privateKey) {
        if (privateKey.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes, not " + privateKey.length);
        }
        try {
            // the shared secret with the base point: the JDK has no other way from a private key to its public one
            KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
            KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
            agreement.init(factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, privateKey)));
            agreement.doPhase(factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE)), true);
            return agreement.generateSecret();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has X25519", e);
        }
    }
}
