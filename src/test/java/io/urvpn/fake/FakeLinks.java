package io.urvpn.fake;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import io.urvpn.host.LinkAddress;
import io.urvpn.host.Links;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Links and addresses in memory. */
final class FakeLinks implements Links {
    private final FakeHost node;
    private final TreeMap<Integer, Link> links = new TreeMap<>();
    private final List<LinkAddress> addresses = new ArrayList<>();
    private int lastIndex = 1;

    FakeLinks(FakeHost node) {
        this.node = node;
    }

    void parse(Words words) {
        int index = words.number();
        String name = words.next();
        String kind = "";
        String alias = "";
        int mtu = 1500;
        boolean up = false;
        OptionalInt master = OptionalInt.empty();
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "kind" -> kind = words.next();
                case "alias" -> alias = words.next();
                case "mtu" -> mtu = words.number();
                case "up" -> up = true;
                case "master" -> master = words.optionalNumber();
                default -> throw words.unknown(word);
            }
        }
        put(new Link(index, name, kind, alias, mtu, up, master));
    }

    /** Makes a tun or other link under the next free index; what a daemon does. */
    Link make(String name, String kind) {
        Link link = new Link(lastIndex + 1, name, kind, "", 1500, false, OptionalInt.empty());
        put(link);
        return link;
    }

    private void put(Link link) {
        if (links.values().stream()
                .anyMatch(other -> other.name().equals(link.name()) && other.index() != link.index())) {
            throw new HostException(HostException.Kind.EXISTS, "link add " + link.name() + ": EEXIST");
        }
        lastIndex = Math.max(lastIndex, link.index());
        links.put(link.index(), link);
    }

    void parseAddress(Words words) {
        addresses.add(new LinkAddress(index(words.next()), IpPrefix.parse(words.next())));
    }

    void removeAddressLine(Words words) {
        addresses.remove(new LinkAddress(index(words.next()), IpPrefix.parse(words.next())));
    }

    int index(String name) {
        return links.values().stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no link " + name))
                .index();
    }

    String name(int index) {
        Link link = links.get(index);
        return link == null ? "if" + index : link.name();
    }

    boolean has(int index) {
        return links.containsKey(index);
    }

    /** Removes a link with everything that goes with it; null where it is not there. */
    Link vanish(int index) {
        Link link = links.remove(index);
        if (link != null) {
            addresses.removeIf(address -> address.linkIndex() == index);
            node.routes.linkGone(index);
            node.wireGuard.linkGone(link.name());
        }
        return link;
    }

    void clear() {
        List.copyOf(links.keySet()).forEach(this::vanish);
    }

    List<String> render() {
        List<String> lines = new ArrayList<>();
        links.values().stream()
                .filter(link -> link.index() != 1)
                .map(FakeLinks::render)
                .forEach(lines::add);
        addresses.stream()
                .sorted(Comparator.comparingInt(LinkAddress::linkIndex).thenComparing(LinkAddress::address))
                .map(address -> "address " + name(address.linkIndex()) + " " + address.address())
                .forEach(lines::add);
        return lines;
    }

    private static String render(Link link) {
        return "link " + link.index() + " " + link.name()
                + (link.kind().isEmpty() ? "" : " kind " + link.kind())
                + (link.mtu() == 1500 ? "" : " mtu " + link.mtu())
                + (link.up() ? " up" : "")
                + (link.alias().isEmpty() ? "" : " alias " + link.alias())
                + (link.master().isEmpty() ? "" : " master " + link.master().getAsInt());
    }

    @Override
    public List<Link> list() {
        synchronized (node) {
            node.reading("links list");
            return List.copyOf(links.values());
        }
    }

    @Override
    public List<LinkAddress> addresses() {
        synchronized (node) {
            node.reading("addresses list");
            return List.copyOf(addresses);
        }
    }

    @Override
    public void addAddress(int linkIndex, IpPrefix address) {
        synchronized (node) {
            String text = "address add " + name(linkIndex) + " " + address;
            node.acting(text);
            require(linkIndex, text);
            LinkAddress added = new LinkAddress(linkIndex, address);
            if (addresses.contains(added)) {
                throw new HostException(HostException.Kind.EXISTS, text + ": EEXIST");
            }
            addresses.add(added);
            node.changed(new Change.Network());
        }
    }

    @Override
    public boolean removeAddress(int linkIndex, IpPrefix address) {
        synchronized (node) {
            node.acting("address del " + name(linkIndex) + " " + address);
            boolean there = addresses.remove(new LinkAddress(linkIndex, address));
            if (there) {
                node.changed(new Change.Network());
            }
            return there;
        }
    }

    @Override
    public void configure(int linkIndex, String alias, int mtu, boolean up) {
        synchronized (node) {
            String text = "link set " + name(linkIndex) + " alias " + alias + " mtu " + mtu + (up ? " up" : " down");
            node.acting(text);
            require(linkIndex, text);
            Link old = links.get(linkIndex);
            links.put(linkIndex, new Link(linkIndex, old.name(), old.kind(), alias, mtu, up, old.master()));
            if (old.up() && !up) {
                node.routes.linkGone(linkIndex);
            }
            node.changed(new Change.Network());
        }
    }

    @Override
    public boolean delete(int linkIndex) {
        synchronized (node) {
            node.acting("link del " + name(linkIndex));
            boolean there = vanish(linkIndex) != null;
            if (there) {
                node.changed(new Change.Network());
            }
            return there;
        }
    }

    private void require(int linkIndex, String text) {
        if (!has(linkIndex)) {
            throw new HostException(HostException.Kind.UNSUPPORTED, text + ": ENODEV");
        }
    }
}
