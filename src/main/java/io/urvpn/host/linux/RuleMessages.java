package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Rule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Policy rules as linux/fib_rules.h has them. */
public final class RuleMessages {
    static final int RTM_NEWRULE = 32;
    static final int RTM_DELRULE = 33;
    static final int RTM_GETRULE = 34;

    private static final int HEADER = 12;
    private static final int FRA_DST = 1;
    private static final int FRA_SRC = 2;
    private static final int FRA_IIFNAME = 3;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    private static final int FRA_SUPPRESS_IFGROUP = 13;
    private static final int FRA_SUPPRESS_PREFIXLEN = 14;
    private static final int FRA_TABLE = 15;
    private static final int FRA_FWMASK = 16;
    private static final int FRA_OIFNAME = 17;
    private static final int FRA_PAD = 18;
    private static final int FRA_PROTOCOL = 21;
    private static final int FR_ACT_TO_TBL = 1;
    private static final int FIB_RULE_INVERT = 2;
    private static final int FULL_MASK = -1;
    private static final int NOT_SET = -1;
    /** Fields of struct fib_rule_hdr. */
    private static final int FAMILY = 0;

    private static final int DST_LENGTH = 1;
    private static final int SRC_LENGTH = 2;
    private static final int TOS = 3;
    private static final int ACTION = 7;

    /** Selectors that ours never have, by their attribute. One that is not known here is shown by its number. */
    private static final Map<Integer, String> SELECTORS = Map.ofEntries(
            Map.entry(4, "goto"),
            Map.entry(11, "realms"),
            Map.entry(12, "tun_id"),
            Map.entry(FRA_SUPPRESS_IFGROUP, "suppress_ifgroup"),
            Map.entry(FRA_SUPPRESS_PREFIXLEN, "suppress_prefixlength"),
            Map.entry(19, "l3mdev"),
            Map.entry(20, "uidrange"),
            Map.entry(22, "ipproto"),
            Map.entry(23, "sport"),
            Map.entry(24, "dport"),
            Map.entry(25, "dscp"),
            Map.entry(26, "flowlabel"));

    private RuleMessages() {}

    static NetlinkRequest dump(boolean v6) {
        return new NetlinkRequest(RTM_GETRULE, NetlinkMessage.F_DUMP)
                .u8(RouteMessages.family(v6), 0, 0, 0, 0, 0, 0, 0)
                .u32(0);
    }

    /** A rule; empty where the message is something else or of another family. */
    public static Optional<Rule> rule(NetlinkMessage message, boolean v6) {
        ByteBuffer payload = message.payload();
        if (message.type() != RTM_NEWRULE || payload.get(FAMILY) != RouteMessages.family(v6)) {
            return Optional.empty();
        }
        Attributes attributes = Attributes.parse(payload, HEADER);
        int mark = attributes.i32(FRA_FWMARK).orElse(0);
        boolean wholeMark = mark != 0 && attributes.i32(FRA_FWMASK).orElse(FULL_MASK) == FULL_MASK;
        return Optional.of(new Rule(
                v6,
                attributes.i32(FRA_PRIORITY).orElse(0),
                attributes.i32(FRA_TABLE).orElse(Byte.toUnsignedInt(payload.get(4))),
                attributes.u8(FRA_PROTOCOL).orElse(0),
                prefix(attributes, FRA_SRC, payload.get(SRC_LENGTH)),
                prefix(attributes, FRA_DST, payload.get(DST_LENGTH)),
                wholeMark ? Optional.of(Integer.toUnsignedLong(mark)) : Optional.empty(),
                others(payload, attributes, wholeMark)));
    }

    private static Optional<IpPrefix> prefix(Attributes attributes, int type, byte length) {
        return attributes.bytes(type).map(bytes -> IpPrefix.of(bytes, Byte.toUnsignedInt(length)));
    }

    private static String others(ByteBuffer payload, Attributes attributes, boolean wholeMark) {
        List<String> words = new ArrayList<>();
        int tos = Byte.toUnsignedInt(payload.get(TOS));
        int action = Byte.toUnsignedInt(payload.get(ACTION));
        if ((payload.getInt(8) & FIB_RULE_INVERT) != 0) {
            words.add("not");
        }
        if (tos != 0) {
            words.add("tos " + tos);
        }
        if (action != FR_ACT_TO_TBL) {
            words.add("action " + action);
        }
        for (Attributes.Attribute attribute : attributes.all()) {
            other(attribute, attributes, wholeMark).ifPresent(words::add);
        }
        return String.join(" ", words);
    }

    private static Optional<String> other(Attributes.Attribute attribute, Attributes all, boolean wholeMark) {
        int type = attribute.type();
        return switch (type) {
            case FRA_DST, FRA_SRC, FRA_PRIORITY, FRA_TABLE, FRA_PROTOCOL, FRA_PAD -> Optional.empty();
            case FRA_FWMARK, FRA_FWMASK ->
                wholeMark
                        ? Optional.empty()
                        : Optional.of((type == FRA_FWMARK ? "fwmark " : "fwmask ")
                                + Integer.toUnsignedString(all.i32(type).orElse(0)));
            case FRA_IIFNAME -> Optional.of("iif " + all.text(type).orElse(""));
            case FRA_OIFNAME -> Optional.of("oif " + all.text(type).orElse(""));
            case FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN ->
                all.i32(type).orElse(NOT_SET) == NOT_SET
                        ? Optional.empty()
                        : Optional.of(SELECTORS.get(type) + " " + all.i32(type).getAsInt());
            default ->
                Optional.of(SELECTORS.getOrDefault(type, "attribute-" + type) + " "
                        + HexFormat.of().formatHex(attribute.bytes()));
        };
    }

    /** Removes a rule that was dumped, by all that it has. */
    static NetlinkRequest delete(NetlinkMessage dumped) {
        return echo(new NetlinkRequest(RTM_DELRULE, NetlinkMessage.F_ACK), dumped);
    }

    /** Adds a rule that was dumped, behind those of its priority. */
    static NetlinkRequest again(NetlinkMessage dumped) {
        return echo(new NetlinkRequest(RTM_NEWRULE, NetlinkMessage.F_ACK | NetlinkMessage.F_CREATE), dumped);
    }

    private static NetlinkRequest echo(NetlinkRequest request, NetlinkMessage dumped) {
        ByteBuffer payload = dumped.payload();
        for (int i = 0; i < 8; i++) {
            request.u8(payload.get(i));
        }
        request.u32(payload.getInt(8) & FIB_RULE_INVERT);
        Attributes attributes = Attributes.parse(payload, HEADER);
        attributes.all().stream()
                .filter(attribute -> attribute.type() != FRA_PAD)
                .forEach(attribute -> request.attribute(attribute.type(), attribute.bytes()));
        if (attributes.find(FRA_PRIORITY).isEmpty()) {
            // The kernel leaves a priority of 0 out, but takes a request without one for any priority.
            request.attributeU32(FRA_PRIORITY, 0);
        }
        return request;
    }

    static NetlinkRequest add(Rule rule, boolean exclusively) {
        if (!rule.others().isEmpty()) {
            throw new IllegalArgumentException("a rule of ours has no selector '" + rule.others() + "': " + rule);
        }
        int flags = NetlinkMessage.F_ACK | NetlinkMessage.F_CREATE | (exclusively ? NetlinkMessage.F_EXCL : 0);
        NetlinkRequest request = new NetlinkRequest(RTM_NEWRULE, flags);
        request.u8(
                        RouteMessages.family(rule.v6()),
                        rule.to().map(IpPrefix::length).orElse(0),
                        rule.from().map(IpPrefix::length).orElse(0),
                        0,
                        0,
                        0,
                        0,
                        FR_ACT_TO_TBL)
                .u32(0)
                .attributeU32(FRA_PRIORITY, rule.priority())
                .attributeU32(FRA_TABLE, rule.table())
                .attributeU8(FRA_PROTOCOL, rule.protocol());
        rule.from().ifPresent(from -> request.attribute(FRA_SRC, from.bytes()));
        rule.to().ifPresent(to -> request.attribute(FRA_DST, to.bytes()));
        rule.fwmark()
                .ifPresent(mark ->
                        request.attributeU32(FRA_FWMARK, mark.intValue()).attributeU32(FRA_FWMASK, FULL_MASK));
        return request;
    }

    /** The rule as the kernel keeps it: a prefix of length 0 is none. */
    static Rule asKept(Rule rule) {
        return new Rule(
                rule.v6(),
                rule.priority(),
                rule.table(),
                rule.protocol(),
                rule.from().filter(prefix -> prefix.length() > 0),
                rule.to().filter(prefix -> prefix.length() > 0),
                rule.fwmark().filter(mark -> mark != 0),
                rule.others());
    }

    /**
     * True where the kernel may take that rule for this one in a delete: it compares what the request has, and nothing else
     * (rule_find of net/core/fib_rules.c).
     */
    static boolean takenFor(NetlinkMessage standing, NetlinkMessage wanted) {
        ByteBuffer stands = standing.payload();
        ByteBuffer wants = wanted.payload();
        Attributes attributes = Attributes.parse(stands, HEADER);
        return stands.get(FAMILY) == wants.get(FAMILY)
                && stands.get(ACTION) == wants.get(ACTION)
                && alikeOrAny(stands, wants, DST_LENGTH)
                && alikeOrAny(stands, wants, SRC_LENGTH)
                && alikeOrAny(stands, wants, TOS)
                && Attributes.parse(wants, HEADER).all().stream()
                        .filter(RuleMessages::compared)
                        .allMatch(attribute -> attributes
                                .bytes(attribute.type())
                                .filter(bytes -> Arrays.equals(bytes, attribute.bytes()))
                                .isPresent());
    }

    private static boolean alikeOrAny(ByteBuffer stands, ByteBuffer wants, int field) {
        return wants.get(field) == 0 || stands.get(field) == wants.get(field);
    }

    /** A suppressor that is not set is dumped as -1, and compared with nothing. */
    private static boolean compared(Attributes.Attribute attribute) {
        return switch (attribute.type()) {
            case FRA_PAD -> false;
            case FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN ->
                attribute.value().getInt(0) != NOT_SET;
            default -> true;
        };
    }
}
