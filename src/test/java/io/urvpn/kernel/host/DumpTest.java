package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.host.Host;
import io.urvpn.host.Route;
import io.urvpn.host.linux.LinuxHost;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NetworkNamespace.class)
class DumpTest {
    private static final int ROUTES = 3000;
    private static final int TABLE = 20000;

    private final Host host = new LinuxHost();

    /** Another hand changes neighbours all the while, in bursts; each dump has every route that stays. */
    @Test
    void aDumpIsWholeWhileOthersChangeRoutes() throws InterruptedException {
        Command.line("ip tuntap add dev urv0 mode tun");
        Command.line("ip link set urv0 up");
        Command.ipBatch(IntStream.range(0, ROUTES)
                .mapToObj(i -> "route add " + network(i) + " dev urv0 table " + TABLE + " proto 200\n")
                .collect(Collectors.joining()));
        Set<String> wanted =
                IntStream.range(0, ROUTES).mapToObj(DumpTest::network).collect(Collectors.toSet());
        int namespace = Native.networkNamespace();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread other = Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, e) -> failure.set(e))
                .start(() -> {
                    Native.enter(namespace);
                    for (int burst = 0; burst < 20; burst++) {
                        Command.ipBatch(burst(burst));
                    }
                });

        int dumps = 0;
        while (other.isAlive()) {
            assertThat(host.routes().list().stream()
                            .filter(route -> route.table() == TABLE && route.protocol() == 200)
                            .map(Route::destination)
                            .map(Object::toString)
                            .collect(Collectors.toSet()))
                    .isEqualTo(wanted);
            dumps++;
        }
        other.join();
        assertThat(failure.get()).isNull();
        assertThat(dumps).isPositive();
    }

    /** Routes before and among ours, and whole tables that share the kernel's hash bucket with ours, come and go. */
    private static String burst(int burst) {
        return IntStream.range(0, 100)
                .mapToObj(i -> {
                    String route = "10." + (i % 40) + "." + burst + ".128/25 dev urv0 proto 4 table ";
                    String mine = route + TABLE;
                    String bucket = route + (TABLE + 256);
                    return "route add " + mine + "\nroute add " + bucket + "\nroute del " + bucket + "\nroute del "
                            + mine + "\n";
                })
                .collect(Collectors.joining());
    }

    private static String network(int i) {
        return i % 2 == 0 ? "10." + (i / 250) + "." + (i % 250) + ".0/24" : "fd00:" + Integer.toHexString(i) + "::/32";
    }
}
