package io.urvpn.host;

import java.util.List;

/** Routes (RTM_*ROUTE). */
public interface Routes {
    /** Every route of every table, IPv4 and IPv6, by consistent dumps. Cached clones are left out. */
    List<Route> list();

    /**
     * Adds a route, exclusively (NLM_F_CREATE and NLM_F_EXCL).
     *
     * @throws HostException of kind EXISTS where a route of that table, destination and metric stands there
     */
    void add(Route route);

    /** Removes exactly this route: table, destination, protocol and metric must match; false where it was not there. */
    boolean delete(Route route);
}
