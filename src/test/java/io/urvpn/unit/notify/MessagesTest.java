package io.urvpn.unit.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.messages.InitialResponse;
import io.urvpn.api.messages.InitialResponse.Agents;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerificationReport.ConfigurationVerification;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReport.ThreadVerification;
import io.urvpn.api.v1alpha1.VerificationReport.VpnVerification;
import io.urvpn.notify.VerificationResponse;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The shapes are those of ur-vpn-manager, to the letter. */
class MessagesTest {
    private static final ObjectMapper JSON = Serialization.mapper();
    private static final VerificationReport CLEAN = new VerificationReport(
            "test_instance",
            new ThreadVerification(false, false, VerificationReport.NO_THREAD),
            new RoutingVerification(false, 0, VerificationReport.NO_ROUTING),
            new VpnVerification(false, 0, VerificationReport.NO_VPN),
            new ConfigurationVerification(false, VerificationReport.NO_CONFIGURATION));

    private static void same(Object message, String json) throws Exception {
        assertThat(JSON.writeValueAsString(message)).isEqualTo(JSON.writeValueAsString(JSON.readTree(json)));
    }

    @Test
    void theInitialResponseToADelete() throws Exception {
        same(InitialResponse.accepted(Agents.ALL), """
                {"success": true, "message": "VPN instance delete operation initiated - verification will follow",
                 "cleanup_status": "initiated", "verification_scheduled": true,
                 "cleanup_tracking": {"tracking_enabled": true, "verification_job_scheduled": true, "cron_job_status": "running"}}
                """);
    }

    @Test
    void theCronJobIsAsFarThereAsTheAgents() {
        assertThat(Agents.of(2, 2)).isEqualTo(Agents.ALL);
        assertThat(Agents.of(2, 1)).isEqualTo(Agents.SOME);
        assertThat(Agents.of(2, 0)).isEqualTo(Agents.NONE);
        assertThat(Agents.of(0, 0)).isEqualTo(Agents.ALL);
    }

    @Test
    void theAnswerToARefusedDelete() throws Exception {
        same(InitialResponse.refused("no instance 'x'"), """
                {"success": false, "message": "no instance 'x'", "cleanup_status": "rejected"}
                """);
    }

    @Test
    void theVerificationResponse() throws Exception {
        same(
                VerificationResponse.of(
                        "cleanup_123_test_instance", true, CLEAN, Instant.ofEpochMilli(1_703_123_456_789L)),
                """
                {"type": "cleanup_verification", "operation_id": "cleanup_123_test_instance", "instance_name": "test_instance",
                 "cleanup_successful": true,
                 "verification_report": {"thread_verification": {"exists": false, "is_running": false},
                                         "routing_verification": {"exists": false, "rule_count": 0},
                                         "vpn_verification": {"exists": false, "interface_count": 0},
                                         "configuration_verification": {"exists": false}},
                 "timestamp": 1703123456}
                """);
    }

    @Test
    void theReportAsItIsStored() throws Exception {
        same(CLEAN, """
                {"instance_name": "test_instance",
                 "thread_verification": {"exists": false, "is_running": false, "details": "No thread process found"},
                 "routing_verification": {"exists": false, "rule_count": 0, "details": "No routing rules found"},
                 "vpn_verification": {"exists": false, "interface_count": 0, "details": "No VPN infrastructure found"},
                 "configuration_verification": {"exists": false, "details": "No configuration found"}}
                """);
    }
}
