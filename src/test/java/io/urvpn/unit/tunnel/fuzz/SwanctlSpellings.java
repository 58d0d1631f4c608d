package io.urvpn.unit.tunnel.fuzz;

import java.util.List;
import java.util.stream.Stream;

/** What no swanctl.conf may have, in spellings that strongSwan takes. */
final class SwanctlSpellings {
    /** Settings of a child, each of which is refused. */
    static final List<String> DANGEROUS = List.of(
            "updown = /bin/sh",
            "hostaccess = yes",
            "reqid = 7",
            "mark_in = 1",
            "set_mark_out = 1/0xff",
            "if_id_in = 7",
            "policies = no",
            "policies_fwd_out = yes",
            "priority = 1",
            "interface = eth0",
            "mode = pass",
            "mode = drop",
            "mode = transport",
            "esp_proposals = null-sha256",
            "ah_proposals = sha256",
            "ipcomp = yes");

    /** Ways to write one of these into a child. */
    static Stream<String> of(String setting) {
        String name = setting.split(" = ")[0];
        String value = setting.split(" = ")[1];
        return Stream.of(
                name + " = " + value,
                name + "=" + value,
                "\t" + name.toUpperCase() + "\t= " + value,
                name + "\n= " + value,
                name + " # words\n = " + value,
                name + " =\t\r" + value,
                name + " = \"" + value + "\"",
                name + " = \"" + value.substring(0, 1) + "\\\n" + value.substring(1) + "\"",
                name + " = \"\\" + value.substring(0, 1).replaceAll("[nrt]", "x") + "\" # words",
                " # words\r" + name + " = " + value);
    }

    /** Pieces to put anywhere. */
    static final List<String> PIECES = Stream.concat(
                    DANGEROUS.stream().flatMap(SwanctlSpellings::of).map(spelling -> "\n" + spelling + "\n"),
                    Stream.of(
                            "\ninclude /etc/passwd\n",
                            "include ",
                            "\ninclude  = x\n",
                            " : other ",
                            "connections.office.children.net.updown = x\n",
                            "children { net { updown = x } }",
                            "net { updown = x }",
                            "\nconnections { a { children { b { mode = pass } } } }\n",
                            "token { pin = 1 }",
                            "pools { }",
                            "authorities { a { file = /etc/passwd } }",
                            "auth = none\n",
                            "certs = /etc/passwd\n",
                            "file = /etc/passwd\n",
                            "{",
                            "}",
                            "{ ",
                            " }",
                            "=",
                            ":",
                            ".",
                            ",",
                            "#",
                            "\"",
                            "\\",
                            "\r",
                            "\r\n",
                            "\n",
                            ";"))
            .toList();

    private SwanctlSpellings() {}
}
