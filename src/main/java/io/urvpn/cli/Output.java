package io.urvpn.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.urvpn.api.v1alpha1.Serialization;
import picocli.CommandLine.Option;

/** The option {@code -o} of each command that can be read by a program too. */
final class Output {
    /** A form. */
    enum Form {
        text,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Form form;

    boolean isJson() {
        return form == Form.json;
    }

    /** As it is printed, of our kinds and of records. */
    static String json(Object value) {
        try {
            return Serialization.mapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
