package io.urvpn.fake;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Connections;
import io.urvpn.host.Flow;
import io.urvpn.host.Flow.Echo;
import io.urvpn.host.Flow.Ports;
import io.urvpn.host.Flow.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tracked connections in memory; nothing takes them away but a delete. */
final class FakeConnections implements Connections {
    private static final int TCP = 6;

    private final FakeHost node;
    private final List<Flow> flows = new ArrayList<>();

    FakeConnections(FakeHost node) {
        this.node = node;
    }

    Flow parse(Words words) {
        long id = Long.parseLong(words.next());
        int zone = 0;
        int protocol = TCP;
        Optional<Tuple> original = Optional.empty();
        Optional<Tuple> reply = Optional.empty();
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "zone" -> zone = words.number();
                case "proto" -> protocol = words.number();
                case "original" -> original = Optional.of(tuple(protocol, words));
                case "reply" -> reply = Optional.of(tuple(protocol, words));
                default -> throw words.unknown(word);
            }
        }
        return new Flow(id, zone, original.orElseThrow(), reply.orElseThrow());
    }

    /** Source, destination, and ports {@code 1:2}, an echo {@code type/code/id}, or {@code -}. */
    private static Tuple tuple(int protocol, Words words) {
        IpPrefix source = IpPrefix.parse(words.next());
        IpPrefix destination = IpPrefix.parse(words.next());
        String more = words.next();
        int[] numbers = more.equals("-")
                ? new int[0]
                : Stream.of(more.split("[:/]")).mapToInt(Integer::parseInt).toArray();
        return new Tuple(
                source,
                destination,
                protocol,
                numbers.length == 2 ? Optional.of(new Ports(numbers[0], numbers[1])) : Optional.empty(),
                numbers.length == 3 ? Optional.of(new Echo(numbers[0], numbers[1], numbers[2])) : Optional.empty(),
                0);
    }

    void put(Flow flow) {
        flows.add(flow);
    }

    void take(Flow flow) {
        flows.remove(flow);
    }

    void clear() {
        flows.clear();
    }

    List<String> render() {
        return flows.stream().map(flow -> "flow " + render(flow)).sorted().toList();
    }

    private static String render(Flow flow) {
        int protocol = flow.original().protocol();
        return flow.id() + (flow.zone() == 0 ? "" : " zone " + flow.zone())
                + (protocol == TCP ? "" : " proto " + protocol)
                + " original " + render(flow.original()) + " reply " + render(flow.reply());
    }

    private static String render(Tuple tuple) {
        String more = tuple.ports()
                .map(ports -> ports.source() + ":" + ports.destination())
                .or(() -> tuple.echo().map(echo -> echo.type() + "/" + echo.code() + "/" + echo.id()))
                .orElse("-");
        return tuple.source().host() + " " + tuple.destination().host() + " " + more;
    }

    @Override
    public List<Flow> list(Set<IpPrefix> addresses) {
        synchronized (node) {
            node.reading("flows list");
            Set<String> hosts = addresses.stream().map(IpPrefix::host).collect(Collectors.toSet());
            return flows.stream()
                    .filter(flow -> Stream.of(flow.original(), flow.reply())
                            .flatMap(tuple -> Stream.of(tuple.source(), tuple.destination()))
                            .map(IpPrefix::host)
                            .anyMatch(hosts::contains))
                    .toList();
        }
    }

    @Override
    public boolean delete(Flow flow) {
        synchronized (node) {
            node.acting("flow del " + render(flow));
            return flows.remove(flow);
        }
    }
}
