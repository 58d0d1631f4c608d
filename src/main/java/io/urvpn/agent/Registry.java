package io.urvpn.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.host.HostException;
import io.urvpn.host.NodeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The registry of instances on this node: one synced file for each, below {@code registry/}. It is the journal too. A
 * file that another version wrote, or that cannot be understood, is left as it is.
 */
public final class Registry {
    private static final String SUFFIX = ".json";

    /** What the registry knows of an instance. */
    public sealed interface Lookup {
        /** Nothing. */
        record Absent() implements Lookup {}

        /** An entry. */
        record Known(JournalEntry entry) implements Lookup {}

        /** A file that this agent does not understand; {@code why} is for people. */
        record Unknown(String why) implements Lookup {}
    }

    /** The journal cannot be written; nothing may be done that would not be on record. */
    public static final class Unwritable extends HostException {
        private static final long serialVersionUID = 1L;

        Unwritable(HostException cause) {
            super(cause.kind(), cause.getMessage(), cause);
        }
    }

    private final NodeFiles files;
    private final Path directory;
    private final ObjectMapper mapper = Serialization.mapper();
    private final Map<String, Lookup> entries = new TreeMap<>();

    /** Reads the registry below the agent's state directory. */
    public Registry(NodeFiles files, Path stateDirectory) {
        this.files = files;
        this.directory = stateDirectory.resolve("registry");
        for (Path file : files.tree(directory)) {
            String name = file.getFileName().toString();
            if (name.endsWith(SUFFIX)) {
                String uid = name.substring(0, name.length() - SUFFIX.length());
                entries.put(uid, read(uid));
            }
        }
    }

    /** What is known of an instance. */
    public synchronized Lookup find(String instanceUid) {
        return entries.getOrDefault(instanceUid, new Lookup.Absent());
    }

    /** What the disk says of an instance, read afresh. */
    public Lookup read(String instanceUid) {
        Optional<byte[]> content = files.read(file(instanceUid));
        if (content.isEmpty()) {
            return new Lookup.Absent();
        }
        try {
            JsonNode json = mapper.readTree(content.get());
            int version = json.path("version").asInt(-1);
            if (version != JournalEntry.VERSION) {
                return new Lookup.Unknown(file(instanceUid) + " has the version " + json.path("version")
                        + "; this agent knows version " + JournalEntry.VERSION);
            }
            JournalEntry entry = mapper.treeToValue(json, JournalEntry.class);
            boolean whole = entry.state() != null && entry.instance() != null && entry.interfaceName() != null;
            return whole
                    ? new Lookup.Known(entry)
                    : new Lookup.Unknown(file(instanceUid) + " lacks its state, instance or interfaceName");
        } catch (JsonProcessingException e) {
            return new Lookup.Unknown(file(instanceUid) + " is not JSON of this format: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot parse " + file(instanceUid), e);
        }
    }

    /** Every entry that is understood. */
    public synchronized List<JournalEntry> entries() {
        return entries.values().stream()
                .filter(Lookup.Known.class::isInstance)
                .map(lookup -> ((Lookup.Known) lookup).entry())
                .toList();
    }

    /** Files that are not understood, by the uid that names them, and why. */
    public synchronized Map<String, String> unknown() {
        Map<String, String> unknown = new TreeMap<>();
        entries.forEach((uid, lookup) -> {
            if (lookup instanceof Lookup.Unknown(String why)) {
                unknown.put(uid, why);
            }
        });
        return unknown;
    }

    /** Routing tables that are given out. */
    public Set<Integer> tables() {
        return entries().stream()
                .filter(entry -> entry.table() != null)
                .map(JournalEntry::table)
                .collect(Collectors.toSet());
    }

    /**
     * Writes an entry and syncs it; it is in force when this returns.
     *
     * @throws Unwritable where it could not be written; the one before is in force then
     */
    public synchronized JournalEntry save(JournalEntry entry) {
        String uid = entry.instance().uid();
        try {
            files.write(file(uid), mapper.writeValueAsBytes(entry));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a journal entry is always JSON", e);
        } catch (HostException e) {
            throw new Unwritable(e);
        }
        entries.put(uid, new Lookup.Known(entry));
        return entry;
    }

    /** Removes the entry of an instance. */
    public synchronized void remove(String instanceUid) {
        files.delete(file(instanceUid));
        entries.remove(instanceUid);
    }

    private Path file(String instanceUid) {
        return directory.resolve(instanceUid + SUFFIX);
    }
}
