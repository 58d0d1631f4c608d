package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;

/** Amounts of CPU and memory as Kubernetes quantities. */
public record ResourceAmounts(
        @JsonPropertyDescription("CPU in cores, such as 50m or 1. At most 16 characters. Default: not set.")
        @Pattern("^[0-9]+(\\.[0-9]+)?m?$")
        @Size(max = 16)
        String cpu,

        @JsonPropertyDescription("Memory in bytes, such as 64Mi. At most 16 characters. Default: not set.")
        @Pattern("^[0-9]+(\\.[0-9]+)?(k|M|G|Ki|Mi|Gi)?$")
        @Size(max = 16)
        String memory) {}
