package io.urvpn.host.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The calls of the C library that Java has no class for. Each throws {@link ErrnoException} where the call returns -1; calls
 * that wait are begun again after EINTR. The numbers are those of asm-generic, which amd64 and arm64 share.
 */
final class Libc {
    static final int AF_NETLINK = 16;
    static final int SOCK_RAW = 3;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SO_RCVTIMEO = 20;
    static final int SO_BINDTOIFINDEX = 62;
    static final int SOL_NETLINK = 270;
    static final int MSG_TRUNC = 0x20;
    static final int MSG_DONTWAIT = 0x40;
    static final int O_CLOEXEC = 0x80000;
    static final int EFD_CLOEXEC = 0x80000;
    static final short POLLIN = 1;

    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(PathElement.groupElement("errno"));
    private static final MemoryLayout POLL_FD =
            MemoryLayout.structLayout(JAVA_INT, ValueLayout.JAVA_SHORT, ValueLayout.JAVA_SHORT);

    private static final MethodHandle SOCKET = function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = function("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = function("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = function("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SEND = function("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVFROM =
            function("recvfrom", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle OPEN = variadic("open", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle READ = function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle EVENTFD = function("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle EVENTFD_WRITE = function("eventfd_write", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle POLL = function("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    /** syscall(2) with as many longs as the longest call here takes; the kernel looks only at those it knows. */
    private static final MethodHandle SYSCALL =
            function("syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private Libc() {}

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return bind(name, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    /** A function whose arguments are variable from the third on. */
    private static MethodHandle variadic(String name, MemoryLayout result, MemoryLayout... arguments) {
        return bind(
                name,
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(2));
    }

    /** Native access is what this class is for; it is granted to the program by its start arguments. */
    @SuppressWarnings("restricted")
    private static MethodHandle bind(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        MemorySegment address = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("the C library has no " + name));
        return LINKER.downcallHandle(address, descriptor, options);
    }

    @FunctionalInterface
    private interface Call {
        long run(MemorySegment state, Arena arena) throws Throwable;
    }

    private static long call(String name, Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            while (true) {
                long result = call.run(state, arena);
                if (result != -1) {
                    return result;
                }
                int errno = (int) ERRNO.get(state, 0L);
                if (errno != Errno.EINTR) {
                    throw new ErrnoException(errno, name);
                }
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of " + name + " cannot throw this", e);
        }
    }

    static int socket(int domain, int type, int protocol) {
        return (int) call("socket", (state, arena) -> (int) SOCKET.invokeExact(state, domain, type, protocol));
    }

    static void bind(int fd, MemorySegment address) {
        call("bind", (state, arena) -> (int) BIND.invokeExact(state, fd, address, (int) address.byteSize()));
    }

    static void connect(int fd, MemorySegment address) {
        call("connect", (state, arena) -> (int) CONNECT.invokeExact(state, fd, address, (int) address.byteSize()));
    }

    static void getsockname(int fd, MemorySegment address) {
        call("getsockname", (state, arena) -> {
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
            return (int) GETSOCKNAME.invokeExact(state, fd, address, length);
        });
    }

    static void setsockopt(int fd, int level, int option, int value) {
        call("setsockopt", (state, arena) -> {
            MemorySegment bytes = arena.allocateFrom(JAVA_INT, value);
            return (int) SETSOCKOPT.invokeExact(state, fd, level, option, bytes, (int) bytes.byteSize());
        });
    }

    static void setsockopt(int fd, int level, int option, byte[] value) {
        call("setsockopt", (state, arena) -> {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
            return (int) SETSOCKOPT.invokeExact(state, fd, level, option, bytes, (int) bytes.byteSize());
        });
    }

    /** Gives up receiving after so long (SO_RCVTIMEO): EAGAIN. */
    static void receiveTimeout(int fd, long seconds) {
        call("setsockopt", (state, arena) -> {
            MemorySegment time = arena.allocateFrom(JAVA_LONG, seconds, 0L);
            return (int) SETSOCKOPT.invokeExact(state, fd, SOL_SOCKET, SO_RCVTIMEO, time, (int) time.byteSize());
        });
    }

    static void send(int fd, byte[] bytes) {
        call("send", (state, arena) -> {
            MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            return (long) SEND.invokeExact(state, fd, segment, (long) bytes.length, 0);
        });
    }

    /**
     * One datagram.
     *
     * @return its length; with MSG_TRUNC the real one, which may be more than the buffer has
     */
    static long recvfrom(int fd, MemorySegment buffer, int flags, MemorySegment address) {
        return call("recvfrom", (state, arena) -> {
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
            return (long) RECVFROM.invokeExact(state, fd, buffer, buffer.byteSize(), flags, address, length);
        });
    }

    static void close(int fd) {
        call("close", (state, arena) -> (int) CLOSE.invokeExact(state, fd));
    }

    /** Opens for reading. */
    static int open(String path) {
        return (int) call("open", (state, arena) -> {
            MemorySegment name = arena.allocateFrom(path);
            return (int) OPEN.invokeExact(state, name, O_CLOEXEC, 0);
        });
    }

    static long read(int fd, MemorySegment buffer) {
        return call("read", (state, arena) -> (long) READ.invokeExact(state, fd, buffer, buffer.byteSize()));
    }

    static int eventfd() {
        return (int) call("eventfd", (state, arena) -> (int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC));
    }

    static void eventfdWrite(int fd) {
        call("eventfd_write", (state, arena) -> (int) EVENTFD_WRITE.invokeExact(state, fd, 1L));
    }

    /**
     * Waits until one of them can be read.
     *
     * @param timeoutMillis -1 waits for ever; after EINTR it begins anew
     * @return index of the first that can be read, hung up or has an error; -1 where the time ran out
     */
    static int awaitReadable(int timeoutMillis, int... fds) {
        try (Arena outer = Arena.ofConfined()) {
            MemorySegment polled = outer.allocate(POLL_FD, fds.length);
            for (int i = 0; i < fds.length; i++) {
                polled.set(JAVA_INT, i * 8L, fds[i]);
                polled.set(ValueLayout.JAVA_SHORT, i * 8L + 4, POLLIN);
            }
            call("poll", (state, arena) -> (int) POLL.invokeExact(state, polled, (long) fds.length, timeoutMillis));
            for (int i = 0; i < fds.length; i++) {
                if (polled.get(ValueLayout.JAVA_SHORT, i * 8L + 6) != 0) {
                    return i;
                }
            }
            return -1;
        }
    }

    static int pidfdOpen(int pid) {
        return (int) call("pidfd_open", (state, arena) ->
                (long) SYSCALL.invokeExact(state, SYS_PIDFD_OPEN, (long) pid, 0L, 0L, 0L));
    }

    static void pidfdSendSignal(int pidfd, int signal) {
        call("pidfd_send_signal", (state, arena) ->
                (long) SYSCALL.invokeExact(state, SYS_PIDFD_SEND_SIGNAL, (long) pidfd, (long) signal, 0L, 0L));
    }
}
