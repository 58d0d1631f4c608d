package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.host.linux.KernelWireGuard;
import io.urvpn.host.linux.Netlink;
import io.urvpn.host.linux.NetlinkTransport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NetworkNamespace.class)
class GenericNetlinkTest {
    private static final int CONTROLLER = 16;

    private final KernelWireGuard devices =
            new KernelWireGuard(new Netlink(NetlinkTransport.real(), NetlinkTransport.GENERIC, 3));

    @Test
    void aFamilyIsFoundByItsName() {
        assertThat(devices.family("nlctrl")).contains(CONTROLLER);
        assertThat(devices.family("urvpn-none")).isEmpty();
    }

    @Test
    void aDeviceThatIsNotThereHasNoPeers() {
        assertThat(devices.peers("urv0")).isEmpty();
        assertThat(devices.removePeers("urv0")).isFalse();
    }
}
