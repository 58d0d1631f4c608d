package io.urvpn.kernel.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/proc/thread-self/ns/net");
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
        call("close", () -> (int) CLOSE.invokeExact(namespace));
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
