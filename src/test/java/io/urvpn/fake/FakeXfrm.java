package io.urvpn.fake;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Xfrm;
import io.urvpn.host.XfrmMark;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmPolicy.Action;
import io.urvpn.host.XfrmPolicy.Direction;
import io.urvpn.host.XfrmPolicy.Ports;
import io.urvpn.host.XfrmPolicy.Selector;
import io.urvpn.host.XfrmPolicy.Template;
import io.urvpn.host.XfrmState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** IPsec in memory; nothing takes policies and states away but a delete. */
final class FakeXfrm implements Xfrm {
    private static final int ESP = 50;
    private static final int TUNNEL = 1;

    private final FakeHost node;
    private final List<XfrmPolicy> policies = new ArrayList<>();
    private final List<XfrmState> states = new ArrayList<>();

    FakeXfrm(FakeHost node) {
        this.node = node;
    }

    /** Those that are there under the same selector, direction, interface id and mark make way, as in the kernel. */
    void put(XfrmPolicy policy) {
        policies.removeIf(other -> other.direction() == policy.direction()
                && other.selector().equals(policy.selector())
                && other.ifId() == policy.ifId()
                && other.mark().equals(policy.mark())
                && other.others().equals(policy.others()));
        policies.add(policy);
    }

    void put(XfrmState state) {
        states.add(state);
    }

    void take(XfrmPolicy policy) {
        policies.remove(policy);
    }

    void take(XfrmState state) {
        states.remove(state);
    }

    void clear() {
        policies.clear();
        states.clear();
    }

    XfrmPolicy parsePolicy(Words words) {
        Direction direction = Direction.valueOf(words.next().toUpperCase(Locale.ROOT));
        IpPrefix source = IpPrefix.parse(words.next());
        IpPrefix destination = IpPrefix.parse(words.next());
        int protocol = 0;
        Ports sourcePort = Ports.ANY;
        Ports destinationPort = Ports.ANY;
        long priority = 0;
        Action action = Action.ALLOW;
        long ifId = 0;
        Optional<XfrmMark> mark = Optional.empty();
        List<Template> templates = new ArrayList<>();
        String others = "";
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "proto" -> protocol = words.number();
                case "sport" -> sourcePort = ports(words.next());
                case "dport" -> destinationPort = ports(words.next());
                case "priority" -> priority = Long.parseLong(words.next());
                case "block" -> action = Action.BLOCK;
                case "if-id" -> ifId = Long.parseLong(words.next());
                case "mark" -> mark = Optional.of(mark(words.next()));
                case "reqid" -> templates.add(template(words));
                case "others" -> others = words.next();
                default -> throw words.unknown(word);
            }
        }
        Selector selector = new Selector(source, destination, protocol, sourcePort, destinationPort);
        return new XfrmPolicy(direction, selector, priority, action, ifId, mark, templates, others);
    }

    private static Template template(Words words) {
        long reqid = Long.parseLong(words.next());
        IpPrefix source = IpPrefix.parse(words.next());
        return new Template(source, IpPrefix.parse(words.next()), ESP, reqid, TUNNEL);
    }

    private static Ports ports(String text) {
        String[] parts = text.split("/", 2);
        return new Ports(Integer.parseInt(parts[0]), parts.length > 1 ? Integer.parseInt(parts[1]) : 0xffff);
    }

    private static XfrmMark mark(String text) {
        String[] parts = text.split("/", 2);
        return new XfrmMark(Long.parseLong(parts[0]), parts.length > 1 ? Long.parseLong(parts[1]) : 0xffffffffL);
    }

    XfrmState parseState(Words words) {
        IpPrefix source = IpPrefix.parse(words.next());
        IpPrefix destination = IpPrefix.parse(words.next());
        long spi = 0;
        int protocol = ESP;
        long reqid = 0;
        int mode = TUNNEL;
        long ifId = 0;
        Optional<XfrmMark> mark = Optional.empty();
        Instant added = Instant.EPOCH;
        Optional<Instant> used = Optional.empty();
        long bytes = 0;
        long packets = 0;
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "spi" -> spi = Long.decode(words.next());
                case "proto" -> protocol = words.number();
                case "reqid" -> reqid = Long.parseLong(words.next());
                case "mode" -> mode = words.number();
                case "if-id" -> ifId = Long.parseLong(words.next());
                case "mark" -> mark = Optional.of(mark(words.next()));
                case "added" -> added = Instant.parse(words.next());
                case "used" -> used = Optional.of(Instant.parse(words.next()));
                case "bytes" -> bytes = Long.parseLong(words.next());
                case "packets" -> packets = Long.parseLong(words.next());
                default -> throw words.unknown(word);
            }
        }
        return new XfrmState(source, destination, spi, protocol, reqid, mode, ifId, mark, added, used, bytes, packets);
    }

    List<String> render() {
        return Stream.concat(
                        policies.stream()
                                .map(policy -> "policy " + render(policy))
                                .sorted(),
                        states.stream().map(state -> "state " + render(state)).sorted())
                .toList();
    }

    private static String render(XfrmPolicy policy) {
        Selector selector = policy.selector();
        StringBuilder text = new StringBuilder(policy.direction().name().toLowerCase(Locale.ROOT))
                .append(" ")
                .append(selector.source())
                .append(" ")
                .append(selector.destination())
                .append(selector.protocol() == 0 ? "" : " proto " + selector.protocol())
                .append(render("sport", selector.sourcePort()))
                .append(render("dport", selector.destinationPort()))
                .append(" priority ")
                .append(policy.priority())
                .append(policy.action() == Action.BLOCK ? " block" : "")
                .append(render(policy.ifId(), policy.mark()));
        policy.templates()
                .forEach(template -> text.append(" reqid ")
                        .append(template.reqid())
                        .append(" ")
                        .append(template.source().host())
                        .append(" ")
                        .append(template.destination().host()));
        return text.append(policy.others().isEmpty() ? "" : " others " + Words.quoted(policy.others()))
                .toString();
    }

    private static String render(String word, Ports ports) {
        if (ports.mask() == 0) {
            return "";
        }
        return " " + word + " " + ports.port() + (ports.mask() == 0xffff ? "" : "/" + ports.mask());
    }

    private static String render(long ifId, Optional<XfrmMark> mark) {
        return (ifId == 0 ? "" : " if-id " + ifId)
                + mark.map(there -> " mark " + there.value() + "/" + there.mask())
                        .orElse("");
    }

    private static String render(XfrmState state) {
        return state.source().host() + " " + state.destination().host()
                + (state.spi() == 0 ? "" : " spi 0x" + Long.toHexString(state.spi()))
                + (state.protocol() == ESP ? "" : " proto " + state.protocol())
                + " reqid " + state.reqid()
                + (state.mode() == TUNNEL ? "" : " mode " + state.mode())
                + render(state.ifId(), state.mark())
                + (state.added().equals(Instant.EPOCH) ? "" : " added " + state.added())
                + state.used().map(time -> " used " + time).orElse("")
                + (state.bytes() == 0 ? "" : " bytes " + state.bytes())
                + (state.packets() == 0 ? "" : " packets " + state.packets());
    }

    @Override
    public List<XfrmPolicy> policies() {
        synchronized (node) {
            node.reading("policies list");
            return List.copyOf(policies);
        }
    }

    @Override
    public List<XfrmState> states() {
        synchronized (node) {
            node.reading("states list");
            return List.copyOf(states);
        }
    }

    @Override
    public boolean delete(XfrmPolicy policy) {
        synchronized (node) {
            node.acting("policy del " + render(policy));
            return policies.remove(policy);
        }
    }

    @Override
    public boolean delete(XfrmState state) {
        synchronized (node) {
            String text = "state del " + render(state);
            node.acting(text);
            if (states.stream().noneMatch(state::same)) {
                return false;
            }
            if (state.placeholder()) {
                throw new HostException(HostException.Kind.UNSUPPORTED, text + ": it has no SPI");
            }
            return states.removeIf(state::same);
        }
    }
}
