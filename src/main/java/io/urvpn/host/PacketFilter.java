package io.urvpn.host;

import java.util.Set;

/** nftables, through nft(8); tables of family inet only. */
public interface PacketFilter {
    /** Names of the tables of family inet. */
    Set<String> tables();

    /**
     * Makes a table for an interface, which need not be there. Replaces a table of the same name in one transaction: the name
     * is the instance's own. What is tracked already stays, with its translation.
     *
     * @throws IllegalArgumentException where nothing is wanted of it, or a name is none
     */
    void set(String table, String interfaceName, FilterTable wanted);

    /** True where the table is exactly what {@link #set} makes. */
    boolean matches(String table, String interfaceName, FilterTable wanted);

    /** Makes a table that masquerades what leaves by an interface and clamps TCP's segment size to its MTU. */
    default void masquerade(String table, String interfaceName) {
        set(table, interfaceName, FilterTable.MASQUERADING);
    }

    /** True where the table is exactly what {@link #masquerade} makes. */
    default boolean masquerades(String table, String interfaceName) {
        return matches(table, interfaceName, FilterTable.MASQUERADING);
    }

    /** Removes a table; false where it was not there. */
    boolean delete(String table);
}
