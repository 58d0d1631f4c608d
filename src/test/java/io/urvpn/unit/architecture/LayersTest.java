package io.urvpn.unit.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The packages and what each may use, as docs/design.md has them. */
@AnalyzeClasses(packages = "io.urvpn", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

    @ArchTest
    static final ArchRule eachPackageUsesOnlyWhatItMay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("main")
            .definedBy("io.urvpn")
            .layer("api")
            .definedBy("io.urvpn.api..")
            .layer("cleanup")
            .definedBy("io.urvpn.cleanup..")
            .layer("tunnel")
            .definedBy("io.urvpn.tunnel..")
            .layer("host")
            .definedBy("io.urvpn.host")
            .layer("linux")
            .definedBy("io.urvpn.host.linux..")
            .layer("operator")
            .definedBy("io.urvpn.operator..")
            .layer("agent")
            .definedBy("io.urvpn.agent..")
            .layer("notify")
            .definedBy("io.urvpn.notify..")
            .layer("config")
            .definedBy("io.urvpn.config..")
            .layer("cli")
            .definedBy("io.urvpn.cli..")
            .whereLayer("cli")
            .mayOnlyAccessLayers("api")
            .whereLayer("main")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("api")
            .mayNotAccessAnyLayer()
            .whereLayer("cleanup")
            .mayOnlyAccessLayers("api")
            .whereLayer("tunnel")
            .mayOnlyAccessLayers("api")
            .whereLayer("host")
            .mayOnlyAccessLayers("api")
            .whereLayer("linux")
            .mayOnlyAccessLayers("host", "api")
            .whereLayer("linux")
            .mayOnlyBeAccessedByLayers("main")
            .whereLayer("operator")
            .mayOnlyAccessLayers("api", "cleanup", "tunnel", "notify")
            .whereLayer("agent")
            .mayOnlyAccessLayers("api", "cleanup", "tunnel", "host")
            .whereLayer("notify")
            .mayOnlyAccessLayers("api", "cleanup")
            .whereLayer("config")
            .mayOnlyAccessLayers("api");

    @ArchTest
    static final ArchRule onlyTheLinuxHostMakesNativeCalls = noClasses()
            .that()
            .resideOutsideOfPackage("io.urvpn.host.linux..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.foreign..");

    @ArchTest
    static final ArchRule thePureOnesDoNoInputOrOutput = noClasses()
            .that()
            .resideInAnyPackage("io.urvpn.cleanup..", "io.urvpn.tunnel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.io..", "io.fabric8.kubernetes.client..", "java.net..");

    @ArchTest
    static final ArchRule quarkusStaysAtTheEdge = noClasses()
            .that()
            .resideOutsideOfPackages("io.urvpn", "io.urvpn.config..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta.enterprise..", "jakarta.inject..");
}
