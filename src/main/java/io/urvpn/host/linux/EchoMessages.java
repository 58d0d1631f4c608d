package io.urvpn.host.linux;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Echo requests and replies of ICMP (RFC 792) and ICMPv6 (RFC 4443, 4.1 and 4.2). */
final class EchoMessages {
    static final int REPLY = 0;
    static final int REPLY_V6 = 129;

    private static final int REQUEST = 8;
    private static final int REQUEST_V6 = 128;
    private static final int HEADER = 8;
    private static final int CHECKSUM_AT = 2;

    private EchoMessages() {}

    /**
     * A request.
     *
     * @param identifier 16 bits
     * @param nonce what the reply repeats
     */
    static byte[] request(boolean v6, int identifier, byte[] nonce) {
        ByteBuffer message = ByteBuffer.allocate(HEADER + nonce.length);
        message.put((byte) (v6 ? REQUEST_V6 : REQUEST)).put((byte) 0);
        message.putShort((short) 0)
                .putShort((short) identifier)
                .putShort((short) 1)
                .put(nonce);
        if (!v6) {
            // of ICMPv6 the kernel computes it, as it covers the addresses too
            message.putShort(CHECKSUM_AT, checksum(message.array()));
        }
        return message.array();
    }

    /**
     * True where it answers that request.
     *
     * @param datagram as a raw socket gives it: of IPv4 with the IP header before it
     */
    static boolean answers(boolean v6, int identifier, byte[] nonce, byte[] datagram) {
        int start = v6 ? 0 : headerLength(datagram);
        if (datagram.length < start + HEADER + nonce.length) {
            return false;
        }
        ByteBuffer message = ByteBuffer.wrap(datagram);
        return (message.get(start) & 0xff) == (v6 ? REPLY_V6 : REPLY)
                && (message.getShort(start + 4) & 0xffff) == identifier
                && Arrays.equals(nonce, Arrays.copyOfRange(datagram, start + HEADER, start + HEADER + nonce.length));
    }

    /** IHL counts 32-bit words (RFC 791). */
    private static int headerLength(byte[] datagram) {
        return datagram.length == 0 ? 0 : (datagram[0] & 0x0f) * 4;
    }

    /** The one's complement sum of RFC 1071. */
    private static short checksum(byte[] message) {
        int sum = 0;
        for (int i = 0; i < message.length; i += 2) {
            sum += (message[i] & 0xff) << 8 | (i + 1 < message.length ? message[i + 1] & 0xff : 0);
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (short) ~sum;
    }
}
