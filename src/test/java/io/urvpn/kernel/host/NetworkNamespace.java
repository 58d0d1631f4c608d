package io.urvpn.kernel.host;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs each test in a network of its own, with loopback up. What the test's thread opens and starts lives in it; it goes when
 * the test's last process has gone. Without root the tests are skipped, and say so.
 */
public final class NetworkNamespace implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace KEPT = ExtensionContext.Namespace.create(NetworkNamespace.class);

    static void requireRoot() {
        boolean root = Command.run("id", "-u").strip().equals("0");
        if (!root) {
            System.err.println("SKIPPED: the kernel tier needs root, to make network namespaces");
        }
        Assumptions.assumeTrue(root, "the kernel tier needs root");
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        requireRoot();
        context.getStore(KEPT).put("outside", Native.networkNamespace());
        Native.newNetworkNamespace();
        Command.run("ip", "link", "set", "lo", "up");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Integer outside = context.getStore(KEPT).remove("outside", Integer.class);
        if (outside != null) {
            Native.enter(outside);
        }
    }
}
