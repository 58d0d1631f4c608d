package io.urvpn.kernel.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The calls by which a test's thread leaves the machine's network, or gives up rights. */
final class Native {
    private static final int CLONE_NEWNET = 0x40000000;

    private static final MethodHandle UNSHARE = function("unshare", JAVA_INT);
    private static final MethodHandle SETNS = function("setns", JAVA_INT, JAVA_INT);
    private static final MethodHandle OPEN = function("open", ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", JAVA_INT);

    private static final MethodHandle SOCKET = function("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
            function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int IPPROTO_IP = 0;
    private static final int IP_XFRM_POLICY = 17;
    /** struct xfrm_userpolicy_info of linux/xfrm.h. */
    private static final int POLICY_BYTES = 168;

    private static final int POLICY_FAMILY = 40;
    private static final int POLICY_DIRECTION = 160;
    private static final byte POLICY_OUT = 1;

    private static final MethodHandle CAPGET = function("capget", ADDRESS, ADDRESS);
    private static final MethodHandle CAPSET = function("capset", ADDRESS, ADDRESS);
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int CAPABILITY_DATA_BYTES = 24;

    private Native() {}

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    @FunctionalInterface
    private interface Call {
        int run() throws Throwable;
    }

    private static int call(String name, Call call) {
        try {
            int result = call.run();
            if (result == -1) {
                throw new IllegalStateException(name + " failed");
            }
            return result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A handle on the network namespace of this thread. */
    static int networkNamespace() {
        return networkNamespace("thread-self");
    }

    /** A handle on the network namespace of a process. */
    static int networkNamespace(long pid) {
        return networkNamespace(String.valueOf(pid));
    }

    private static int networkNamespace(String process) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/proc/" + process + "/ns/net");
            return call("open", () -> (int) OPEN.invokeExact(path, 0));
        }
    }

    /** Puts this thread, and what it starts from now on, into a network of its own. */
    static void newNetworkNamespace() {
        call("unshare", () -> (int) UNSHARE.invokeExact(CLONE_NEWNET));
    }

    /** Puts this thread back, and closes the handle. */
    static void enter(int namespace) {
        call("setns", () -> (int) SETNS.invokeExact(namespace, CLONE_NEWNET));
        close(namespace);
    }

    /** A socket with a policy of its own that lets what it sends pass by others (IP_XFRM_POLICY), as daemons of IKE have. */
    static int socketWithPolicy() {
        int socket = call("socket", () -> (int) SOCKET.invokeExact(AF_INET, SOCK_DGRAM, 0));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment policy = arena.allocate(POLICY_BYTES, 8);
            policy.set(JAVA_SHORT, POLICY_FAMILY, (short) AF_INET);
            policy.set(JAVA_BYTE, POLICY_DIRECTION, POLICY_OUT);
            call("setsockopt", () ->
                    (int) SETSOCKOPT.invokeExact(socket, IPPROTO_IP, IP_XFRM_POLICY, policy, POLICY_BYTES));
        }
        return socket;
    }

    static void close(int handle) {
        call("close", () -> (int) CLOSE.invokeExact(handle));
    }

    /** Takes capabilities from this thread alone. */
    static void dropCapabilities(int... capabilities) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocateFrom(JAVA_INT, CAPABILITY_VERSION_3, 0);
            MemorySegment data = arena.allocate(CAPABILITY_DATA_BYTES, 4);
            call("capget", () -> (int) CAPGET.invokeExact(header, data));
            for (int capability : capabilities) {
                // Effective, permitted, inheritable of the first 32; then the same of the rest.
                long effective = capability / 32 * 12L;
                data.set(JAVA_INT, effective, data.get(JAVA_INT, effective) & ~(1 << capability % 32));
            }
            call("capset", () -> (int) CAPSET.invokeExact(header, data));
        }
    }
}
