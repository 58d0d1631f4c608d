package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Rule;
import io.urvpn.host.linux.LinuxHost;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NetworkNamespace.class)
class RulesTest {
    private static final int OURS = 200;
    private static final int TABLE = 20000;

    private final Host host = new LinuxHost();

    private static Rule rule(boolean v6, String from, String to, long fwmark) {
        return new Rule(
                v6,
                TABLE,
                TABLE,
                OURS,
                from.isEmpty() ? Optional.empty() : Optional.of(IpPrefix.parse(from)),
                to.isEmpty() ? Optional.empty() : Optional.of(IpPrefix.parse(to)),
                fwmark == 0 ? Optional.empty() : Optional.of(fwmark),
                "");
    }

    private static List<Rule> samples(boolean v6) {
        String one = v6 ? "fd01::/32" : "10.1.0.0/16";
        String other = v6 ? "fd02::1/128" : "10.2.0.1/32";
        return List.of(
                rule(v6, one, "", 0),
                rule(v6, "", other, 0),
                rule(v6, one, other, 0),
                rule(v6, one, "", 7),
                rule(v6, "", "", 0xfffffff0L),
                rule(v6, "", "", 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rulesAreAddedReadAndRemoved(boolean v6) {
        String before = everything();
        for (Rule rule : samples(v6)) {
            host.rules().add(rule);
            assertThat(host.rules().list()).contains(rule);
            assertThat(everything()).contains("20000:").contains("lookup 20000 proto 200");
            assertThat(host.rules().delete(rule)).isTrue();
            assertThat(host.rules().delete(rule)).isFalse();
            assertThat(everything()).isEqualTo(before);
        }
    }

    /** The kernel takes a selector that is not said for any; a narrower rule must not stand for a wider one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void narrowerRulesAreNotTakenForWiderOnes(boolean v6) {
        List<Rule> samples = samples(v6).reversed();
        List<Rule> narrowFirst =
                List.of(samples.get(3), samples.get(2), samples.get(5), samples.get(4), samples.get(1), samples.get(0));
        narrowFirst.forEach(host.rules()::add);
        assertThat(host.rules().list()).containsAll(narrowFirst);

        for (Rule rule : narrowFirst.reversed()) {
            assertThat(host.rules().delete(rule)).isTrue();
            assertThat(host.rules().list()).doesNotContain(rule);
            assertThat(host.rules().list().stream()
                            .filter(each -> each.protocol() == OURS)
                            .count())
                    .isEqualTo(narrowFirst.reversed().size()
                            - narrowFirst.reversed().indexOf(rule)
                            - 1L);
        }
    }

    @Test
    void theSameRuleTwiceIsAConflict() {
        Rule rule = rule(false, "10.1.0.0/16", "", 0);
        host.rules().add(rule);
        assertThatThrownBy(() -> host.rules().add(rule))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.EXISTS))
                .hasMessageContaining("10.1.0.0/16");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeleteTakesNoLookAlike(boolean v6) {
        String ip = v6 ? "ip -6 rule add " : "ip -4 rule add ";
        String net = v6 ? "fd01::/32" : "10.1.0.0/16";
        Command.line(ip + "from " + net + " lookup 20000 priority 20000 protocol 4");
        Command.line(ip + "from " + net + " lookup 20001 priority 20000 protocol 200");
        Command.line(ip + "from " + net + " lookup 20000 priority 20001 protocol 200");
        Command.line(ip + "from " + net + " fwmark 9 lookup 20000 priority 20000 protocol 4");
        String before = everything();
        Rule ours = rule(v6, net, "", 0);

        assertThat(host.rules().delete(ours)).isFalse();
        assertThat(everything()).isEqualTo(before);

        host.rules().add(ours);
        assertThat(host.rules().delete(ours)).isTrue();
        assertThat(everything()).isEqualTo(before);
    }

    /** They have our mark in all three numbers, but selectors that ours never have. */
    @Test
    void rulesThatTheKernelWouldTakeInsteadStay() {
        Command.line("ip rule add from 10.1.0.0/16 iif lo lookup 20000 priority 20000 protocol 200");
        Command.line("ip rule add not from 10.1.0.0/16 lookup 20000 priority 20000 protocol 200");
        String before = everything();
        Rule ours = rule(false, "10.1.0.0/16", "", 0);
        host.rules().add(ours);

        assertThat(host.rules().delete(ours)).isTrue();
        assertThat(everything()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from 10.1.0.0/16 iif lo",
                "not from 10.1.0.0/16 oif lo",
                "fwmark 0x10/0xf0 ipproto 6 sport 7 dport 80-81",
                "tos 0x10",
                "uidrange 1000-2000",
                "suppress_prefixlength 0",
                "to 10.1.0.0/16 suppress_ifgroup 4"
            })
    void aRuleOfAnyShapeIsRemovedAndItsNeighboursAreNot(String selectors) {
        Command.line("ip rule add lookup 20000 priority 20000 protocol 200");
        Command.line("ip rule add " + selectors + " lookup 20000 priority 20000 protocol 4");
        String before = everything();
        Command.line("ip rule add " + selectors + " lookup 20000 priority 20000 protocol 200");
        Rule rule = host.rules().list().stream()
                .filter(each -> each.protocol() == OURS && !each.others().isEmpty())
                .findFirst()
                .orElseThrow();

        assertThat(host.rules().delete(rule)).isTrue();
        assertThat(everything()).isEqualTo(before);
        assertThat(host.rules().delete(rule)).isFalse();
    }

    @Test
    void everyOtherSelectorIsShown() {
        Command.line("ip rule add from 10.1.0.0/16 iif lo tos 0x10 lookup 100 priority 5");
        Command.line("ip rule add not from 10.1.0.0/16 oif lo goto 100 priority 6");
        Command.line("ip rule add fwmark 0x10/0xf0 ipproto 6 dport 80-81 lookup 100 priority 7");
        Command.line("ip rule add lookup main suppress_prefixlength 0 priority 8");
        Command.line("ip rule add prohibit priority 9");
        Command.line("ip rule add uidrange 1000-2000 lookup 100 priority 10");

        List<Rule> rules = host.rules().list();
        assertThat(othersOf(rules, 5)).contains("iif lo").contains("tos 16");
        assertThat(othersOf(rules, 6))
                .contains("not")
                .contains("oif lo")
                .contains("goto")
                .contains("action");
        assertThat(othersOf(rules, 7))
                .contains("fwmark 16")
                .contains("fwmask 240")
                .contains("ipproto")
                .contains("dport");
        assertThat(othersOf(rules, 8)).isEqualTo("suppress_prefixlength 0");
        assertThat(othersOf(rules, 9)).contains("action 8");
        assertThat(othersOf(rules, 10)).contains("uidrange");
        assertThat(rules)
                .filteredOn(rule -> rule.priority() == 32766)
                .extracting(Rule::others)
                .containsOnly("");
    }

    private static String othersOf(List<Rule> rules, int priority) {
        return rules.stream()
                .filter(rule -> rule.priority() == priority)
                .findFirst()
                .orElseThrow()
                .others();
    }

    static String everything() {
        return Command.line("ip -N -d -4 rule show") + Command.line("ip -N -d -6 rule show");
    }
}
