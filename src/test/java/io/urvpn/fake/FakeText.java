package io.urvpn.fake;

/** From a line to an object of the node; see {@link FakeHost} for the grammar. */
final class FakeText {
    private FakeText() {}

    static void parse(FakeHost node, String line) {
        Words words = new Words(line);
        String kind = words.next();
        switch (kind) {
            case "machine" -> node.machine.parse(words);
            case "link" -> node.links.parse(words);
            case "address" -> node.links.parseAddress(words);
            case "route" -> node.routes.put(node.routes.parse(words));
            case "rule" -> node.rules.put(node.rules.parse(words));
            case "process" -> node.processes.parse(words);
            case "file", "directory", "socket" -> node.files.parse(kind, words);
            case "table" -> node.packetFilter.parse(words);
            case "policy" -> node.xfrm.put(node.xfrm.parsePolicy(words));
            case "state" -> node.xfrm.put(node.xfrm.parseState(words));
            case "flow" -> node.connections.put(node.connections.parse(words));
            case "peer" -> node.wireGuard.parse(words);
            default -> throw words.unknown(kind);
        }
    }

    static void remove(FakeHost node, String line) {
        Words words = new Words(line);
        String kind = words.next();
        switch (kind) {
            case "link" -> node.links.vanish(words.number());
            case "address" -> node.links.removeAddressLine(words);
            case "route" -> node.routes.take(node.routes.parse(words));
            case "rule" -> node.rules.take(node.rules.parse(words));
            case "process" -> node.processes.end(words.number());
            case "file", "directory", "socket" -> node.files.take(words.next());
            case "table" -> node.packetFilter.take(words.next());
            case "policy" -> node.xfrm.take(node.xfrm.parsePolicy(words));
            case "state" -> node.xfrm.take(node.xfrm.parseState(words));
            case "flow" -> node.connections.take(node.connections.parse(words));
            case "peer" -> node.wireGuard.take(words.next(), words.next());
            default -> throw words.unknown(kind);
        }
    }
}
