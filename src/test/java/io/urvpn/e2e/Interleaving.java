package io.urvpn.e2e;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What is done to some instances at once, drawn from a seed: the same seed draws the same. Each is created, edited or hurt a
 * few times, deleted, and hurt again while it goes; the moves of all are shuffled into one order.
 *
 * @param seed what it was drawn from
 * @param moves in the order in which they are made
 */
record Interleaving(long seed, List<Move> moves) {
    private static final int MOST_BEFORE_DELETION = 4;
    private static final int MOST_AFTERWARDS = 2;

    /** What can be done to an instance, or to what runs it. */
    enum Kind {
        CREATE,
        DELETE,
        EDIT_ROUTES,
        EDIT_MTU,
        EDIT_MASQUERADE,
        NARROW_TO_ONE_NODE,
        SUSPEND,
        RESUME,
        KILL_DAEMON,
        HANG_DAEMON,
        KILL_LAUNCHER,
        DELETE_POD,
        KILL_AGENT,
        KILL_OPERATOR,
        REBOOT
    }

    /** What is waited for before the next move, for a moment at most: how far an instance has come when it is hurt. */
    enum Until {
        NOTHING,
        PERMITTED,
        LINKED,
        READY
    }

    /**
     * One move.
     *
     * @param instance index of the instance
     * @param kind what is done
     * @param node where, for what is done on one node
     * @param until how far the instance may come afterwards
     */
    record Move(int instance, Kind kind, String node, Until until) {
        @Override
        public String toString() {
            return "%d %s on %s, until %s".formatted(instance, kind, node, until);
        }
    }

    private static final List<Kind> EDITS = List.of(
            Kind.EDIT_ROUTES, Kind.EDIT_MTU, Kind.EDIT_MASQUERADE, Kind.NARROW_TO_ONE_NODE, Kind.SUSPEND, Kind.RESUME);
    private static final List<Kind> HURTS = List.of(
            Kind.KILL_DAEMON,
            Kind.KILL_DAEMON,
            Kind.HANG_DAEMON,
            Kind.KILL_LAUNCHER,
            Kind.DELETE_POD,
            Kind.KILL_AGENT,
            Kind.KILL_OPERATOR,
            Kind.REBOOT);

    /**
     * Draws one.
     *
     * @param instances how many there are
     */
    static Interleaving of(long seed, int instances) {
        Random random = new Random(seed);
        List<List<Move>> each = new ArrayList<>();
        for (int instance = 0; instance < instances; instance++) {
            each.add(life(random, instance));
        }
        return new Interleaving(seed, shuffled(random, each));
    }

    private static List<Move> life(Random random, int instance) {
        List<Move> moves = new ArrayList<>();
        moves.add(move(random, instance, Kind.CREATE));
        for (int i = random.nextInt(MOST_BEFORE_DELETION + 1); i > 0; i--) {
            moves.add(move(random, instance, one(random, random.nextBoolean() ? EDITS : HURTS)));
        }
        moves.add(move(random, instance, Kind.DELETE));
        for (int i = random.nextInt(MOST_AFTERWARDS + 1); i > 0; i--) {
            moves.add(move(random, instance, one(random, HURTS)));
        }
        return moves;
    }

    private static Move move(Random random, int instance, Kind kind) {
        Until until = kind == Kind.DELETE ? Until.NOTHING : one(random, Arrays.asList(Until.values()));
        return new Move(instance, kind, one(random, Tunnel.NODES), until);
    }

    /** The moves of one keep their order. */
    private static List<Move> shuffled(Random random, List<List<Move>> each) {
        record Placed(double place, Move move) {}
        List<Placed> placed = new ArrayList<>();
        for (List<Move> moves : each) {
            double[] places = random.doubles(moves.size()).sorted().toArray();
            for (int i = 0; i < places.length; i++) {
                placed.add(new Placed(places[i], moves.get(i)));
            }
        }
        return placed.stream()
                .sorted(Comparator.comparingDouble(Placed::place))
                .map(Placed::move)
                .toList();
    }

    private static <T> T one(Random random, List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
