package io.urvpn.host;

import java.util.Set;

/** nftables, through nft(8); tables of family inet only. */
public interface PacketFilter {
    /** Names of the tables of family inet. */
    Set<String> tables();

    /**
     * Makes a table that masquerades what leaves by an interface and clamps TCP's segment size to its MTU. Replaces a
     * table of the same name in one transaction: the name is the instance's own.
     */
    void masquerade(String table, String interfaceName);

    /** True where the table is exactly what {@link #masquerade} makes. */
    boolean masquerades(String table, String interfaceName);

    /** Removes a table; false where it was not there. */
    boolean delete(String table);
}
