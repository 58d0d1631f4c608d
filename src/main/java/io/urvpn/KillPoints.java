package io.urvpn;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.urvpn.host.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * For tests only: ends this process at once, as SIGKILL does, after a write to the API server or a change of the node.
 * There is none of it unless the environment variable {@value #VARIABLE} names a directory. While a file {@code armed} is
 * there, what happens is counted and noted in {@code noted}, one line each ({@code write 3 PATCH /apis/...}); the file says
 * after which the process ends ({@code write 3}), or anything else to only count. It is renamed to {@code fired} before
 * that, so the process that is started next runs on.
 */
public final class KillPoints implements Interceptor {
    public static final String VARIABLE = "URVPN_KILL_POINTS";
    /** What a SIGKILL looks like from outside. */
    static final int KILLED = 137;

    private static final Logger LOG = Logger.getLogger(KillPoints.class);
    /** These are written by the clock or by a thread of their own, and nothing depends on them. */
    private static final Set<String> NOT_COUNTED = Set.of("/leases", "/vpnnodes", "/events");
    /** Whatever else a port has is a change of the node. */
    private static final Set<String> READS = Set.of(
            "list",
            "named",
            "addresses",
            "tables",
            "matches",
            "masquerades",
            "policies",
            "states",
            "scan",
            "awaitEnd",
            "holdsTun",
            "peers",
            "read",
            "tree",
            "exists",
            "lock",
            "toString",
            "hashCode",
            "equals");

    private final Path directory;
    private final Runnable end;
    private int writes;
    private int changes;

    /** @param end ends the process */
    public KillPoints(Path directory, Runnable end) {
        this.directory = directory;
        this.end = end;
    }

    /** Empty where the environment does not ask for it. */
    public static Optional<KillPoints> of(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(VARIABLE)).map(directory -> {
            LOG.warnf("%s is set: this process can be ended by a file in %s", VARIABLE, directory);
            return new KillPoints(Path.of(directory), () -> Runtime.getRuntime().halt(KILLED));
        });
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        String path = request.uri().getPath();
        if (!request.method().equals("GET")
                && response.isSuccessful()
                && NOT_COUNTED.stream().noneMatch(path::contains)) {
            happened("write", request.method() + " " + path);
        }
    }

    /** The same node; each change through a port is counted after it was done. */
    public Host counting(Host host) {
        return port(Host.class, "", host);
    }

    private <T> T port(Class<T> type, String name, Object real) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object result = invoke(real, method, arguments);
                    if (real instanceof Host) {
                        return isPort(method) ? port(method.getReturnType(), method.getName(), result) : result;
                    }
                    if (!READS.contains(method.getName()) && !Boolean.FALSE.equals(result)) {
                        happened("change", name + " " + method.getName() + " " + firstOf(arguments));
                    }
                    return result;
                }));
    }

    private static boolean isPort(Method method) {
        return method.getDeclaringClass() == Host.class
                && method.getParameterCount() == 0
                && !method.getName().equals("machine");
    }

    /** Of a file its path; never what is written into it. */
    private static Object firstOf(Object[] arguments) {
        return arguments == null ? "" : arguments[0];
    }

    private static Object invoke(Object real, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private synchronized void happened(String kind, String what) {
        Path armed = directory.resolve("armed");
        try {
            String wanted = Files.readString(armed).strip();
            String point = kind + " " + (kind.equals("write") ? ++writes : ++changes);
            String line = point + " " + what;
            Files.writeString(
                    directory.resolve("noted"), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            LOG.infof("kill point: %s", line);
            if (point.equals(wanted)) {
                Files.move(armed, directory.resolve("fired"), StandardCopyOption.ATOMIC_MOVE);
                end.run();
            }
        } catch (NoSuchFileException e) {
            writes = 0;
            changes = 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
