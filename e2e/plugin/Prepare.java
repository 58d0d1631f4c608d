import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.stream.Stream;

/** Makes the plugin's copy of its libraries quick to start with. */
class Prepare {
    /** From here on the verifier reads frames (JVM specification, 4.10), and the JVM keeps classes in a form that it maps. */
    private static final int JAVA_8 = 52;

    /**
     * Each kind of Kubernetes by name, for objects that are read without a type; the plugin reads none, and to find the kinds takes a
     * fifth of its start.
     */
    private static final String KINDS = "META-INF/services/io.fabric8.kubernetes.api.model.KubernetesResource";

    /** Arguments: the directory of the libraries, and the file for a key store that has no authority. */
    static void main(String[] arguments) throws Exception {
        try (Stream<Path> libraries = Files.list(Path.of(arguments[0]))) {
            for (Path library : libraries.toList()) {
                prepare(library);
            }
        }
        KeyStore none = KeyStore.getInstance("JKS");
        none.load(null, null);
        try (OutputStream file = Files.newOutputStream(Path.of(arguments[1]))) {
            none.store(file, "changeit".toCharArray());
        }
    }

    private static void prepare(Path library) throws IOException {
        try (FileSystem jar = FileSystems.newFileSystem(library)) {
            Files.deleteIfExists(jar.getPath(KINDS));
            if (library.getFileName().toString().contains("picocli")) {
                renew(library, jar);
            }
        }
    }

    /** The classes of a library that is compiled for Java 5 get frames. */
    private static void renew(Path library, FileSystem jar) throws IOException {
        List<Path> classes;
        try (Stream<Path> files = Files.walk(jar.getPath("/picocli"))) {
            classes = files.filter(file -> file.toString().endsWith(".class")).toList();
        }
        try (URLClassLoader others = new URLClassLoader(new URL[] {library.toUri().toURL()})) {
            ClassFile format = ClassFile.of(
                    ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ConstantPoolSharingOption.NEW_POOL,
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(others)
                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (Path file : classes) {
                ClassModel old = format.parse(Files.readAllBytes(file));
                if (old.majorVersion() < JAVA_8) {
                    Files.write(file, renewed(format, old));
                }
            }
        }
    }

    private static byte[] renewed(ClassFile format, ClassModel old) {
        return format.transformClass(old, (type, part) -> {
            switch (part) {
                case ClassFileVersion version -> type.withVersion(JAVA_8, 0);
                case MethodModel method ->
                    type.transformMethod(method, (renewed, element) -> {
                        // frames are made for code that is written anew, not for what is copied
                        if (element instanceof CodeModel code) {
                            renewed.withCode(code::forEach);
                        } else {
                            renewed.with(element);
                        }
                    });
                default -> type.with(part);
            }
        });
    }
}
