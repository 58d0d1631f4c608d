package io.urvpn.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The operator's way to a broker: shut, it ends each connection at once; deaf, it keeps the broker's answers to itself. */
final class Door implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile boolean shut = true;
    private volatile boolean deaf;

    /** At this address of this machine, before what listens on this port of its loopback. */
    Door(String address, int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 16, InetAddress.getByName(address));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void open() {
        shut = false;
    }

    void shut() {
        shut = true;
        closeAll();
    }

    /** From now on the broker's answers are lost, or come through again on the next connection. */
    void deaf(boolean is) {
        deaf = is;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (shut) {
                    client.close();
                    continue;
                }
                Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
                open.addAll(List.of(client, broker));
                Thread.ofVirtual().start(() -> pass(client, broker, false));
                Thread.ofVirtual().start(() -> pass(broker, client, true));
            } catch (IOException e) {
                // closed, or the broker is away: the client sees its connection end
                closeAll();
            }
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] some = new byte[4096];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                if (!answers || !deaf) {
                    out.write(some, 0, n);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // one side has ended, and so does the other
            return;
        }
    }

    private void closeAll() {
        open.forEach(socket -> {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        open.clear();
    }

    @Override
    public void close() throws IOException {
        server.close();
        closeAll();
    }
}
