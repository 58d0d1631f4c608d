package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Host;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import io.urvpn.host.linux.LinuxHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NetworkNamespace.class)
class ForeignRoutesAndRulesTest {
    private static final int ROUTES = 5000;
    private static final int RULES = 200;
    private static final int OURS = 200;
    private static final int TABLE = 20000;

    private final Host host = new LinuxHost();

    @Test
    void fiveThousandRoutesAndTwoHundredRulesStayAsTheyWere() {
        Command.line("ip tuntap add dev urv0 mode tun");
        Command.line("ip link set urv0 up");
        Command.ipBatch(foreignRoutes());
        Command.feed(foreignRules(0), "ip", "-4", "-batch", "-");
        Command.feed(foreignRules(1), "ip", "-6", "-batch", "-");
        String routes = RoutesTest.everything();
        String rules = RulesTest.everything();
        assertThat(routes.lines().count()).isGreaterThanOrEqualTo(ROUTES);
        assertThat(rules.lines().count()).isGreaterThanOrEqualTo(RULES);

        int link = host.links().named("urv0").orElseThrow().index();
        List<Route> ourRoutes = new ArrayList<>();
        List<Rule> ourRules = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            IpPrefix v4 = IpPrefix.parse("10.200." + i + ".0/24");
            IpPrefix v6 = IpPrefix.parse("fd00:200:" + i + "::/48");
            ourRoutes.add(new Route(TABLE, v4, OURS, 0, OptionalInt.of(link), 1));
            ourRoutes.add(new Route(TABLE, v6, OURS, 0, OptionalInt.of(link), 1));
            ourRules.add(new Rule(false, TABLE, TABLE, OURS, Optional.of(v4), Optional.empty(), Optional.empty(), ""));
            ourRules.add(new Rule(true, TABLE, TABLE, OURS, Optional.empty(), Optional.of(v6), Optional.empty(), ""));
        }
        ourRoutes.forEach(host.routes()::add);
        ourRules.forEach(host.rules()::add);
        assertThat(RoutesTest.everything().lines().count())
                .isEqualTo(routes.lines().count() + ourRoutes.size());
        assertThat(host.rules().list()).containsAll(ourRules);

        assertThat(ourRules).allMatch(host.rules()::delete);
        assertThat(ourRoutes).allMatch(host.routes()::delete);

        assertThat(RoutesTest.everything()).isEqualTo(routes);
        assertThat(RulesTest.everything()).isEqualTo(rules);
    }

    /** Half in other tables, half in ours under other protocols, half of either IPv6. */
    private static String foreignRoutes() {
        return IntStream.range(0, ROUTES)
                .mapToObj(i -> {
                    String net = i % 2 == 0
                            ? "10.200." + (i / 250) + "." + (i % 250) + "/32"
                            : "fd00:200:" + (i / 250) + "::" + Integer.toHexString(i % 250) + "/128";
                    String table = i % 4 < 2 ? "20000" : Integer.toString(100 + i % 7);
                    return "route add " + net + " dev urv0 table " + table + " proto "
                            + (i % 4 < 2 ? 4 + i % 3 * 7 : 200);
                })
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** A third at our priority under another protocol, the others at other priorities under ours. */
    private static String foreignRules(int remainder) {
        return IntStream.range(0, RULES)
                .filter(i -> i % 2 == remainder)
                .mapToObj(i -> {
                    String net = i % 2 == 0 ? "10.200." + i % 20 + ".0/24" : "fd00:200:" + i % 20 + "::/48";
                    int priority = i % 3 == 0 ? TABLE : TABLE + 1 + i;
                    int protocol = i % 3 == 0 ? 4 : OURS;
                    return "rule add " + (i % 5 == 0 ? "to " : "from ") + net + " fwmark " + (i + 1) + " lookup "
                            + TABLE + " priority " + priority + " protocol " + protocol;
                })
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
