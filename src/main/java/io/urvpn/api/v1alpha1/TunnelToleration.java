package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;

/** A toleration as pods have it (core/v1 Toleration); those that the DaemonSet controller adds need not be written. */
public record TunnelToleration(
        @JsonPropertyDescription("Key of the taint. At most 316 characters. Default: every key, with operator Exists.")
        @Size(max = 316)
        String key,

        @JsonPropertyDescription("How key and value are compared: Exists or Equal. Default: Equal.")
        @Pattern("^(Exists|Equal)$")
        @Size(max = 6)
        String operator,

        @JsonPropertyDescription("Value of the taint, with operator Equal. At most 63 characters. Default: empty.")
        @Size(max = 63)
        String value,

        @JsonPropertyDescription(
                "Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute. Default: every effect.")
        @Pattern("^(NoSchedule|PreferNoSchedule|NoExecute)$")
        @Size(max = 16)
        String effect,

        @JsonPropertyDescription(
                "Seconds for which a NoExecute taint is tolerated. Default: for ever. Range: 0 to 31536000.")
        @Min(0)
        @Max(31536000)
        Long tolerationSeconds) {}
