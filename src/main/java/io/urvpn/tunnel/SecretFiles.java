package io.urvpn.tunnel;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Keys of a Secret that a configuration names, each a file that the daemon reads beside it. */
final class SecretFiles {
    /** As the keys of a Secret are (core/v1, Secret.data). */
    private static final String KEY_OF_SECRET = "(?!\\.\\.)(?!\\.$)[-._a-zA-Z0-9]{1,253}";

    private final Map<String, byte[]> secret;
    private final Set<String> named = new TreeSet<>();

    /**
     * Of a Secret.
     *
     * @param secret every key of it
     */
    SecretFiles(Map<String, byte[]> secret) {
        this.secret = secret;
    }

    /**
     * Content of a key, which counts as named from now on.
     *
     * @param line where it is named
     * @param by what names it
     * @param key its name
     * @param otherwise what else than adding the key would be right; may be empty
     * @throws Unusable where it is no name of a key, or there is no such key
     */
    byte[] content(int line, String by, String key, String otherwise) throws Unusable {
        if (!key.matches(KEY_OF_SECRET)) {
            throw new Unusable(
                    line, by + " must name a key of the Secret, without a path: letters, digits, '-', '_', '.'");
        }
        byte[] content = secret.get(key);
        if (content == null) {
            throw new Unusable(line, by + " names " + key + ", which is no key of the Secret; add it" + otherwise);
        }
        named.add(key);
        return content;
    }

    /** Names of all that were named, sorted. */
    List<String> named() {
        return List.copyOf(named);
    }
}
