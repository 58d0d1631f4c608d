package io.urvpn.host.linux;

import io.urvpn.host.Host;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Listens to changes of links, addresses, routes and rules, on a thread of its own until it is closed. */
final class NetlinkWatch implements Host.Watch {
    private static final Logger LOG = System.getLogger(NetlinkWatch.class.getName());
    private static final int FOR_EVER = -1;
    /** So many datagrams are read before a call back, so that a flood of changes cannot hold it up. */
    private static final int AT_ONCE = 256;

    private final Runnable onChange;
    private final NetlinkSocket socket;
    private final int closing;
    private final Thread thread;
    private boolean closed;

    /** Listens from when it is made on, in the network namespace of the calling thread. */
    NetlinkWatch(Runnable onChange) {
        this.onChange = onChange;
        this.socket = new NetlinkSocket(NetlinkTransport.ROUTE, Groups.ALL);
        this.closing = Libc.eventfd();
        this.thread = Thread.ofPlatform().daemon().name("netlink-watch").start(this::listen);
    }

    private void listen() {
        try {
            while (Libc.awaitReadable(FOR_EVER, closing, socket.fd()) != 0) {
                drain();
                tell();
            }
        } finally {
            synchronized (this) {
                closed = true;
                socket.close();
                Libc.close(closing);
            }
        }
    }

    private void tell() {
        try {
            onChange.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a watch of the node's network failed on a change, and goes on", e);
        }
    }

    /** Reads what is there. An overrun (ENOBUFS) is a change like any other. */
    private void drain() {
        for (int i = 0; i < AT_ONCE; i++) {
            try {
                socket.receive(Libc.MSG_DONTWAIT);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EAGAIN && e.errno() != Errno.ENOBUFS) {
                    LOG.log(Level.WARNING, "reading changes of the node's network: " + e.getMessage());
                }
                return;
            }
        }
    }

    /** After this no call back begins, unless it is called from one. */
    @Override
    public void close() {
        synchronized (this) {
            if (!closed) {
                closed = true;
                Libc.eventfdWrite(closing);
            }
        }
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
