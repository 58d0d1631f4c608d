package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Conversations with the kernel, each on a socket of its own, so that no answer of one is taken for another's and threads
 * need not wait for each other.
 */
public final class Netlink {
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int MAX_PAUSE_MILLIS = 50;

    private final NetlinkTransport.Factory transports;
    private final int family;
    private final int attempts;
    private final AtomicInteger lastSequence = new AtomicInteger();

    /**
     * Over any transport.
     *
     * @param family {@link NetlinkTransport#ROUTE} or another of its families
     * @param attempts how often a dump is begun before it counts as unreadable, at least 1
     */
    public Netlink(NetlinkTransport.Factory transports, int family, int attempts) {
        this.transports = transports;
        this.family = family;
        this.attempts = attempts;
    }

    /**
     * A whole and consistent dump. It is begun again where the kernel says that it was interrupted, where the socket
     * overran, and where one of the groups told of a change while it ran: IPv4 routes are dumped without the kernel's
     * mark of interruption.
     *
     * @param what names it in errors
     * @param groups multicast groups that tell of changes to what is dumped; bit g-1 stands for group g
     * @throws HostException of kind OTHER where it was interrupted each time
     */
    public List<NetlinkMessage> dump(String what, NetlinkRequest request, int groups) {
        return retried(what, () -> dumpOnce(request, groups, Optional::of, datagram -> {}));
    }

    /**
     * A dump of what is long or has secrets in it: what is kept of each message is taken as it comes, and the bytes of every
     * datagram are erased at once, of one that makes the dump begin again too.
     *
     * @param kept what is kept of a message; it shares no bytes with it
     */
    public <T> List<T> read(
            String what, NetlinkRequest request, int groups, Function<NetlinkMessage, Optional<T>> kept) {
        return retried(what, () -> dumpOnce(request, groups, kept, Netlink::erase));
    }

    private <T> List<T> retried(String what, Supplier<Optional<List<T>>> once) {
        try {
            for (int attempt = 1; attempt <= attempts; attempt++) {
                Optional<List<T>> whole = once.get();
                if (whole.isPresent()) {
                    return whole.get();
                }
                LockSupport.parkNanos(
                        Duration.ofMillis(Math.min(attempt, MAX_PAUSE_MILLIS)).toNanos());
            }
        } catch (ErrnoException e) {
            throw Errno.refusal("dump of " + what, e);
        }
        throw new HostException(
                HostException.Kind.OTHER,
                "dump of " + what + ": it changed while it was read, " + attempts + " times in a row");
    }

    private <T> Optional<List<T>> dumpOnce(
            NetlinkRequest request,
            int groups,
            Function<NetlinkMessage, Optional<T>> kept,
            Consumer<ByteBuffer> afterwards) {
        int sequence = lastSequence.incrementAndGet();
        List<T> all = new ArrayList<>();
        try (NetlinkTransport transport = transports.open(family, groups)) {
            transport.send(request.encode(sequence));
            Progress progress = Progress.MORE;
            while (progress == Progress.MORE) {
                Optional<ByteBuffer> datagram = transport.receive();
                if (datagram.isEmpty()) {
                    return Optional.empty();
                }
                try {
                    progress = take(
                            datagram.get(),
                            sequence,
                            transport.port(),
                            message -> kept.apply(message).ifPresent(all::add));
                } finally {
                    afterwards.accept(datagram.get());
                }
            }
            return progress == Progress.DONE ? Optional.of(all) : Optional.empty();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOBUFS) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** How far a dump is. */
    private enum Progress {
        MORE,
        DONE,
        INTERRUPTED
    }

    private static Progress take(ByteBuffer datagram, int sequence, int port, Consumer<NetlinkMessage> each) {
        for (NetlinkMessage message : NetlinkMessage.parse(datagram)) {
            boolean ours = message.sequence() == sequence && message.port() == port;
            if (!ours || message.has(NetlinkMessage.F_DUMP_INTERRUPTED) || message.type() == NetlinkMessage.OVERRUN) {
                return Progress.INTERRUPTED;
            }
            refuse(message);
            if (message.type() == NetlinkMessage.DONE) {
                return Progress.DONE;
            }
            each.accept(message);
        }
        return Progress.MORE;
    }

    private static void erase(ByteBuffer datagram) {
        for (int i = 0; i < datagram.limit(); i++) {
            datagram.put(i, (byte) 0);
        }
    }

    /**
     * Changes something, and waits for the kernel's acknowledgement.
     *
     * @throws ErrnoException what the kernel answered
     */
    public void change(NetlinkRequest request) {
        ask(request);
    }

    /**
     * Asks for one thing.
     *
     * @return the answers that came before the acknowledgement
     * @throws ErrnoException what the kernel answered
     */
    List<NetlinkMessage> ask(NetlinkRequest request) {
        int sequence = lastSequence.incrementAndGet();
        List<NetlinkMessage> answers = new ArrayList<>();
        try (NetlinkTransport transport = transports.open(family, 0)) {
            transport.send(request.encode(sequence));
            while (true) {
                Optional<ByteBuffer> datagram = transport.receive();
                if (datagram.isEmpty()) {
                    throw new HostException(
                            HostException.Kind.OTHER, "an answer of the kernel was longer than the buffer");
                }
                for (NetlinkMessage message : NetlinkMessage.parse(datagram.get())) {
                    if (message.sequence() != sequence) {
                        continue;
                    }
                    refuse(message);
                    if (message.type() == NetlinkMessage.ERROR) {
                        return answers;
                    }
                    answers.add(message);
                }
            }
        }
    }

    /** Throws what an error says; error 0 is an acknowledgement. The end of a dump has an error field too. */
    private static void refuse(NetlinkMessage message) {
        boolean carriesError = message.type() == NetlinkMessage.ERROR || message.type() == NetlinkMessage.DONE;
        if (!carriesError || message.payload().limit() < 4 || message.payload().getInt(0) >= 0) {
            return;
        }
        throw new ErrnoException(-message.payload().getInt(0), said(message));
    }

    /** The kernel's sentence beside the number; empty where it has none. */
    private static String said(NetlinkMessage message) {
        if (!message.has(NetlinkMessage.F_ACK_TLVS)) {
            return "";
        }
        int offset = 4;
        if (message.type() == NetlinkMessage.ERROR) {
            int request = message.has(NetlinkMessage.F_CAPPED)
                    ? NetlinkMessage.HEADER
                    : NetlinkMessage.align(message.payload().getInt(4));
            offset += request;
        }
        return Attributes.parse(message.payload(), offset)
                .bytes(NLMSGERR_ATTR_MSG)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).replace("\0", ""))
                .orElse("");
    }
}
